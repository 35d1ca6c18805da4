package dev.kvserver.server;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import com.google.protobuf.Message;
import dev.kvserver.proto.authpb.Permission;
import io.grpc.MethodDescriptor;

/**
 * One question of the authorisation matrix: may a caller make this call?
 *
 * @param method the method
 * @param shape what is special about the request
 * @param request makes the request; anew for each caller, since some use things up
 * @param needs all that the caller must have
 */
record AccessCell(MethodDescriptor<?, ?> method, String shape, Supplier<Message> request, List<Need> needs) {

	static AccessCell of(MethodDescriptor<?, ?> method, String shape, Message request, Need... needs) {
		return new AccessCell(method, shape, () -> request, List.of(needs));
	}

	boolean isFor(AccessCaller caller) {
		return this.needs.stream().allMatch((need) -> need.isMetBy(caller));
	}

	@Override
	public String toString() {
		return this.method.getFullMethodName() + " " + this.shape;
	}

	/** Something that a caller must have. */
	interface Need {

		/** A valid token. */
		Need USER = (caller) -> caller.known();

		/** The role root. */
		Need ADMIN = (caller) -> caller.known() && caller.root();

		/** Nothing but not to lie. */
		Need HONESTY = (caller) -> !caller.liar();

		boolean isMetBy(AccessCaller caller);

		/** Permission on a range. The end is as in a request. */
		static Need of(Permission.Type type, String key, String end) {
			return (caller) -> caller.known() && (caller.root() || caller.covers(type, key, end));
		}

		static Need read(String key, String end) {
			return of(Permission.Type.READ, key, end);
		}

		static Need write(String key, String end) {
			return of(Permission.Type.WRITE, key, end);
		}

	}

	/**
	 * Who asks: at most one permission each, so that it is plain what is covered.
	 *
	 * @param name the user's name, empty without credentials
	 * @param liar whether the token is made up
	 * @param type the permission's type
	 * @param key the permission's range
	 * @param end its end; the permission is none if both are empty
	 */
	record AccessCaller(String name, boolean liar, Permission.Type type, String key, String end) {

		boolean known() {
			return !this.name.isEmpty() && !this.liar;
		}

		boolean root() {
			return this.name.equals("root");
		}

		boolean covers(Permission.Type needed, String askedKey, String askedEnd) {
			boolean rightType = this.type == Permission.Type.READWRITE || this.type == needed;
			return rightType && !this.key.isEmpty() && this.key.compareTo(askedKey) <= 0
					&& end(askedKey, askedEnd).compareTo(end(this.key, this.end)) <= 0;
		}

		/** The exclusive end as text: above every key where there is none. */
		private static String end(String key, String end) {
			if (end.equals("\0")) {
				return "\uffff";
			}
			return end.isEmpty() ? key + "\0" : end;
		}

		static List<AccessCaller> all() {
			return Arrays.asList(new AccessCaller("", false, Permission.Type.READ, "", ""),
					new AccessCaller("liar", true, Permission.Type.READ, "", ""),
					new AccessCaller("nothing", false, Permission.Type.READ, "", ""),
					new AccessCaller("elsewhere", false, Permission.Type.READWRITE, "x", "\0"),
					new AccessCaller("single", false, Permission.Type.READWRITE, "k", ""),
					new AccessCaller("prefix", false, Permission.Type.READWRITE, "k", "l"),
					new AccessCaller("reader", false, Permission.Type.READ, "k", "l"),
					new AccessCaller("writer", false, Permission.Type.WRITE, "k", "l"),
					new AccessCaller("fromkey", false, Permission.Type.READWRITE, "k", "\0"),
					new AccessCaller("allkeys", false, Permission.Type.READWRITE, "\0", "\0"),
					new AccessCaller("root", false, Permission.Type.READ, "", ""));
		}

	}

}
