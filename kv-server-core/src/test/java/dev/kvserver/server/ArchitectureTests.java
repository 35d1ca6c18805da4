package dev.kvserver.server;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which package may use which. The packages are a list and each uses only those after it,
 * so that no cycle between packages is possible either.
 */
class ArchitectureTests {

	private static final String ROOT = "dev.kvserver.server";

	/** From top to bottom; the empty name is the root package. */
	private static final List<String> LAYERS = List.of("", "gateway", "port", "http", "tls", "coordination", "rpc",
			"watch", "snapshot", "compact", "apply", "log", "auth", "mvcc", "lease", "storage", "bolt", "loop",
			"metrics", "error", "key");

	/** Packages whose work is repeated on every member and after every restart. */
	private static final String[] REPLICATED = { ROOT + ".mvcc..", ROOT + ".apply..", ROOT + ".lease..",
			ROOT + ".auth.." };

	private static final Set<String> CLOCK_METHODS = Set.of("now", "nanoTime", "currentTimeMillis", "systemUTC",
			"systemDefaultZone", "system", "randomUUID", "random");

	private static final JavaClasses CLASSES = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages(ROOT);

	@Test
	void packagesUseOnlyThoseBelowThem() {
		assertThat(CLASSES.size()).isGreaterThanOrEqualTo(LAYERS.size());
		classes().should(useOnlyLowerPackages()).check(CLASSES);
	}

	@Test
	void grpcStaysInTheServicesAndThePort() {
		noClasses().that(resideOutside("", "gateway", "port", "http", "coordination", "rpc", "error"))
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.grpc..")
			.allowEmptyShould(true)
			.check(CLASSES);
	}

	@Test
	void rocksDbStaysInStorage() {
		noClasses().that()
			.resideOutsideOfPackage(ROOT + ".storage..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("org.rocksdb..")
			.check(CLASSES);
	}

	@Test
	void internalsOfGrpcAreTouchedByOneClassOfPort() {
		Set<JavaClass> users = CLASSES.stream()
			.filter((type) -> type.getDirectDependenciesFromSelf()
				.stream()
				.anyMatch((dependency) -> isInternalToGrpc(dependency.getTargetClass())))
			.map(ArchitectureTests::outermost)
			.collect(Collectors.toSet());
		assertThat(users).hasSizeLessThanOrEqualTo(1);
		assertThat(users).allMatch((type) -> layer(type).equals("port"));
	}

	@Test
	void replicatedStateReadsNoClockAndNoRandomSource() {
		classes().that()
			.resideInAnyPackage(REPLICATED)
			.should(readNoClockAndNoRandomSource())
			.allowEmptyShould(true)
			.check(CLASSES);
	}

	private static boolean isInternalToGrpc(JavaClass type) {
		boolean named = type.getSimpleName().startsWith("Internal")
				|| type.getSimpleName().equals("ProtocolNegotiationEvent")
				|| type.getSimpleName().equals("GrpcHttp2ConnectionHandler");
		return type.getPackageName().startsWith("io.grpc.internal")
				|| (type.getPackageName().startsWith("io.grpc") && named);
	}

	private static JavaClass outermost(JavaClass type) {
		return type.getEnclosingClass().map(ArchitectureTests::outermost).orElse(type);
	}

	private static ArchCondition<JavaClass> useOnlyLowerPackages() {
		return new ArchCondition<>("use only packages below their own") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				int own = LAYERS.indexOf(layer(type));
				if (own < 0) {
					events.add(SimpleConditionEvent.violated(type, type.getName() + " is in no known package"));
				}
				for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
					JavaClass target = dependency.getTargetClass();
					if (isOurs(target) && LAYERS.indexOf(layer(target)) < own) {
						events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
					}
				}
			}

		};
	}

	private static ArchCondition<JavaClass> readNoClockAndNoRandomSource() {
		return new ArchCondition<>("read no clock and no random source") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				for (JavaAccess<?> access : type.getAccessesFromSelf()) {
					if (isClockOrRandom(access)) {
						events.add(SimpleConditionEvent.violated(type, access.getDescription()));
					}
				}
			}

		};
	}

	private static boolean isClockOrRandom(JavaAccess<?> access) {
		JavaClass owner = access.getTargetOwner();
		boolean ofTheJdk = owner.getPackageName().startsWith("java.");
		return ofTheJdk && (owner.getSimpleName().endsWith("Random") || CLOCK_METHODS.contains(access.getName()));
	}

	private static DescribedPredicate<JavaClass> resideOutside(String... layers) {
		return DescribedPredicate.describe("reside outside of " + List.of(layers),
				(type) -> !List.of(layers).contains(layer(type)));
	}

	private static boolean isOurs(JavaClass type) {
		return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
	}

	/** The package below the root, or the empty name for the root itself. */
	private static String layer(JavaClass type) {
		String name = type.getPackageName();
		return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
	}

}
