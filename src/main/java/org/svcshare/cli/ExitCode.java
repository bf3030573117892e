package org.svcshare.cli;

/// What a command answers to its caller; the numbers above 1 are those of `sysexits.h`.
final class ExitCode {
    static final int OK = 0;

    /// The answer is no, or it failed.
    static final int FAILED = 1;

    static final int USAGE = 64;

    /// Something that is needed cannot be reached: a port, a server, a folder.
    static final int UNAVAILABLE = 69;

    static final int CONFIGURATION = 78;

    /// A signal ended it: this and the signal's number.
    static final int SIGNAL = 128;

    private ExitCode() {}
}
