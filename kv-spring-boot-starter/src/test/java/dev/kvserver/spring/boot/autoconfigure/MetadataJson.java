package dev.kvserver.spring.boot.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import com.jayway.jsonpath.JsonPath;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * The generated metadata of our properties, as an IDE reads it.
 */
final class MetadataJson {

	private static final String PATH = "/META-INF/spring-configuration-metadata.json";

	private MetadataJson() {
	}

	/** Everything the metadata says about each property, by name. */
	static SortedMap<String, Map<String, @Nullable Object>> properties() {
		SortedMap<String, Map<String, @Nullable Object>> properties = new TreeMap<>();
		try (InputStream stream = requireNonNull(KvServerProperties.class.getResourceAsStream(PATH))) {
			List<Map<String, @Nullable Object>> list = JsonPath.parse(stream).read("$.properties");
			list.forEach((property) -> properties.put(String.valueOf(property.get("name")), property));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return properties;
	}

}
