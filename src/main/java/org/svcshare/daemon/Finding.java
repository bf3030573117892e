package org.svcshare.daemon;

/// What one check found out, for people.
///
/// @param subject what was looked at, one or two words
/// @param text what was found; says what to do when it is not well
public record Finding(Verdict verdict, String subject, String text) {

    /// How well it is.
    public enum Verdict {
        WELL,
        /// Works, but probably not as wanted.
        DOUBTFUL,
        BROKEN
    }

    static Finding well(String subject, String text) {
        return new Finding(Verdict.WELL, subject, text);
    }

    static Finding doubtful(String subject, String text) {
        return new Finding(Verdict.DOUBTFUL, subject, text);
    }

    static Finding broken(String subject, String text) {
        return new Finding(Verdict.BROKEN, subject, text);
    }
}
