package dev.kvserver.spring.boot.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.test.context.TestPropertySource;

/**
 * Gives a test a server of its own, whatever the application's properties say: in memory,
 * on a free port of the loopback interface. With it comes a {@link TestKv} to inject.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration
@TestPropertySource(properties = { "kv.server.enabled=true", "kv.server.store.type=memory",
		"kv.server.listen.addresses=127.0.0.1:0" })
public @interface AutoConfigureTestKv {

}
