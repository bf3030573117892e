package org.svcshare.spawn;

/// Why a request is not done; the texts that spawn had, where it had one.
///
/// @param info for people
record Refusal(int status, String message, String info) {
    static final Refusal NO_RECORD =
            new Refusal(404, "Record(s) not found", "GET /nodes shows what there is");

    static final Refusal NO_CREDENTIALS = unauthorized("Username/Password is required");
    static final Refusal NO_TOKEN = unauthorized("Token is not valid");
    static final Refusal NOT_LOGGED_IN = unauthorized("User has not logged in");

    static Refusal unauthorized(String info) {
        return new Refusal(401, "Not authorized", info);
    }

    /// @param what host, port …
    static Refusal unrecognized(String what, String info) {
        return new Refusal(400, "Could not recognize " + what + " parameter", info);
    }

    /// The body is not JSON, or not such JSON.
    static Refusal unrecognized(String info) {
        return new Refusal(400, "Could not recognize parameters", info);
    }

    static Refusal zero(String what) {
        return new Refusal(
                400,
                "The parameter '" + what + "' could not be zero value",
                "expected a port from 1 to 65535");
    }

    static Refusal empty(String what) {
        return new Refusal(
                400,
                "The parameter '" + what + "' could not be empty",
                "every node has a host and a port");
    }

    /// To hand a refusal up out of reading a request.
    static final class Thrown extends Exception {
        private static final long serialVersionUID = 1L;

        final transient Refusal refusal;

        Thrown(Refusal refusal) {
            super(refusal.message, null, false, false);
            this.refusal = refusal;
        }
    }
}
