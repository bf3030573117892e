package org.svcshare.cli;

/// What a command answers to its caller; most numbers above 1 are those of `sysexits.h`.
final class ExitCode {
    static final int OK = 0;

    /// The answer is no, or it failed.
    static final int FAILED = 1;

    static final int USAGE = 64;

    /// Something that is needed cannot be reached: a port, a server, a folder.
    static final int UNAVAILABLE = 69;

    /// A lock was not obtained in time.
    static final int NOT_OBTAINED = 75;

    /// A lock was lost while the command ran.
    static final int LOST = 76;

    static final int NOT_ALLOWED = 77;

    static final int CONFIGURATION = 78;

    /// A command is there and cannot be run, or is not there; as in a shell.
    static final int NOT_RUNNABLE = 126;

    static final int NOT_FOUND = 127;

    /// A signal ended it: this and the signal's number.
    static final int SIGNAL = 128;

    private ExitCode() {}
}
