package dev.kvserver.spring.boot.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kvserver.server.KvServerOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

class KvServerPropertiesTests {

	private static final Pattern ROW = Pattern.compile("^\\| `((?:kv|management)\\.[^`]+)` \\|([^|]*)\\|");

	private final SortedMap<String, Map<String, @Nullable Object>> metadata = MetadataJson.properties();

	@Test
	void everyPropertyHasADescriptionInSpringsStyle() {
		assertThat(this.metadata).hasSizeGreaterThan(20);
		this.metadata.forEach((name, property) -> {
			String description = String.valueOf(property.get("description"));
			assertThat(description).as(name).matches("(?s)[A-Z].{10,}\\.").doesNotMatch("^(The|A|An) .*");
			assertThat(description).as(name).doesNotContain("\n", "{@", "  ");
			if (String.valueOf(property.get("type")).equals("java.lang.Boolean")) {
				assertThat(description).as(name).startsWith("Whether ");
			}
		});
	}

	@Test
	void everyPropertyHasATypeThatAnIdeCanShow() {
		this.metadata.forEach((name, property) -> assertThat(property.get("type")).as(name).isNotNull());
	}

	@Test
	void readmeListsEveryPropertyWithItsDefault() throws IOException {
		SortedMap<String, String> expected = new TreeMap<>();
		this.metadata.forEach((name, property) -> {
			Object defaultValue = property.get("defaultValue");
			expected.put(name, (defaultValue != null) ? "`" + defaultValue + "`" : "");
		});
		SortedMap<String, String> listed = new TreeMap<>();
		for (String line : Files.readAllLines(Path.of("..", "README.md"))) {
			Matcher row = ROW.matcher(line);
			if (row.find()) {
				listed.put(row.group(1), row.group(2).strip());
			}
		}
		assertThat(listed).isEqualTo(expected);
	}

	@Test
	void defaultsAreThoseOfTheServer() {
		KvServerProperties properties = new Binder(new MapConfigurationPropertySource(Map.of()))
			.bindOrCreate("kv.server", KvServerProperties.class);
		KvServerOptions options = PropertiesOptions.builder(properties, "default", null).build();
		KvServerOptions expected = KvServerOptions.builder().clock(options.clock()).build();
		assertThat(options).isEqualTo(expected);
	}

}
