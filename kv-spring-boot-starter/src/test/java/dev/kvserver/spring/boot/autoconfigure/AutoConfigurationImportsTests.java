package dev.kvserver.spring.boot.autoconfigure;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Names in a text file and in annotations, which no compiler checks.
 */
class AutoConfigurationImportsTests {

	private static final ClassLoader LOADER = AutoConfigurationImportsTests.class.getClassLoader();

	@Test
	void everyListedClassIsAnAutoConfiguration() throws ClassNotFoundException {
		List<Class<?>> listed = ours();
		assertThat(listed).hasSizeGreaterThanOrEqualTo(3);
		for (Class<?> type : listed) {
			assertThat(type).hasAnnotation(AutoConfiguration.class).isFinal().isPublic();
			assertThat(type.getDeclaredMethods()).noneMatch((method) -> Modifier.isPublic(method.getModifiers()));
		}
	}

	@Test
	void everyClassNamedInAnOrderExists() throws ClassNotFoundException {
		List<String> missing = new ArrayList<>();
		for (Class<?> type : ours()) {
			AutoConfiguration annotation = requireNonNull(
					AnnotationUtils.findAnnotation(type, AutoConfiguration.class));
			missing.addAll(Arrays.asList(annotation.beforeName()));
			missing.addAll(Arrays.asList(annotation.afterName()));
		}
		missing.removeIf((name) -> ClassUtils.isPresent(name, LOADER));
		assertThat(missing).isEmpty();
	}

	private static List<Class<?>> ours() throws ClassNotFoundException {
		List<Class<?>> ours = new ArrayList<>();
		for (String name : ImportCandidates.load(AutoConfiguration.class, LOADER)) {
			if (name.startsWith("dev.kvserver.")) {
				ours.add(Class.forName(name));
			}
		}
		return ours;
	}

}
