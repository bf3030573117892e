package org.svcshare.lock;

/// What became of a request for a lock, or for more time.
public sealed interface Answer {
    /// It is ours.
    record Held(HeldLock lock) implements Answer {}

    /// It is not, and the server said why.
    ///
    /// @param detail for people
    record Refused(Why why, String detail) implements Answer, Release {}

    /// No server was reached; nothing has changed.
    record Unreachable(String detail) implements Answer, Release {}

    /// The request was sent and the answer did not come: repeat it under the same id.
    record PerhapsDone(String detail) implements Answer, Release {}

    /// The asker gave up before there was an answer; what it might have got is given back.
    record Cancelled() implements Answer {}

    /// What became of a lock that was given back.
    sealed interface Release permits Refused, Unreachable, PerhapsDone, Release.Done, Release.Gone {
        /// It was given back, now or before.
        record Done() implements Release {}

        /// It was not ours any longer: somebody or something else had ended it.
        record Gone(Why why, String detail) implements Release {}
    }
}
