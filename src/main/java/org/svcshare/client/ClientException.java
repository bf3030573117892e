package org.svcshare.client;

/// A client program did not do what it was asked.
public final class ClientException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    public ClientException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public ClientException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /// Why, as far as it can be told apart.
    public enum Kind {
        /// Nobody answers there, or too late.
        UNREACHABLE,
        /// Wrong password, key or token, or our address is not allowed.
        UNAUTHORISED,
        /// The program cannot do that.
        UNSUPPORTED,
        /// The program refused.
        REJECTED,
        /// The answer is not what the program's interface promises.
        MALFORMED
    }
}
