package org.svcshare.gossip;

import org.jspecify.annotations.Nullable;

/// What members of a group say to each other besides their store: short texts, in the order in
/// which they were said, to those who are there just then.
interface Talk {
    int MAX_BYTES = 1_000;

    /// Never blocks. What cannot be sent is dropped: whoever has to know asks again.
    ///
    /// @param to a member's name, or null for all others; nobody hears what is for a name that is
    ///   not there
    /// @param text at most [#MAX_BYTES] of UTF-8; more is not sent
    void say(@Nullable String to, String text);

    /// Tells what is said from now on. A member's own words do not come back to it.
    ///
    /// @return ends it
    Runnable hear(Ear ear);

    /// Hears what others say, on a thread of the group; must not block.
    interface Ear {
        /// @param from the member's name, as the group knows it, not as the text claims
        /// @param direct whether it was said to this member alone
        void heard(String from, boolean direct, String text);
    }
}
