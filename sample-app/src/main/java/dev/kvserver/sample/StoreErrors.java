package dev.kvserver.sample;

import java.util.concurrent.TimeoutException;

import dev.kvserver.server.KvTimeoutException;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Says in HTTP's words why the store refused.
 */
@RestControllerAdvice
class StoreErrors {

	@ExceptionHandler
	ProblemDetail refused(EtcdException ex) {
		HttpStatus status = (ex.error() == EtcdError.REQUEST_TOO_LARGE) ? HttpStatus.CONTENT_TOO_LARGE
				: HttpStatus.SERVICE_UNAVAILABLE;
		return ProblemDetail.forStatusAndDetail(status, ex.getMessage());
	}

	@ExceptionHandler({ KvTimeoutException.class, TimeoutException.class })
	ProblemDetail late() {
		return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, "the store did not answer in time");
	}

}
