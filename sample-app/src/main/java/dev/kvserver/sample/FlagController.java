package dev.kvserver.sample;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The flags over HTTP.
 */
@RestController
@RequestMapping("/api/flags")
class FlagController {

	private final Flags flags;

	FlagController(Flags flags) {
		this.flags = flags;
	}

	@GetMapping
	CompletableFuture<List<Flag>> list() {
		return this.flags.list();
	}

	@GetMapping("/{name}")
	CompletableFuture<ResponseEntity<Flag>> find(@PathVariable String name) {
		return this.flags.find(name).thenApply(ResponseEntity::ofNullable);
	}

	/** Takes the request's body as it is for the value; without one it is empty. */
	@PutMapping(path = "/{name}", consumes = MediaType.TEXT_PLAIN_VALUE)
	Flag set(@PathVariable String name, @RequestBody(required = false) @Nullable String body) {
		String value = (body != null) ? body : "";
		return new Flag(name, value, this.flags.set(name, value));
	}

	@DeleteMapping("/{name}")
	ResponseEntity<Void> delete(@PathVariable String name) {
		HttpStatus status = this.flags.delete(name) ? HttpStatus.NO_CONTENT : HttpStatus.NOT_FOUND;
		return ResponseEntity.status(status).build();
	}

}
