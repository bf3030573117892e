package org.svcshare.bot;

import java.time.Duration;
import java.util.function.Consumer;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;

/// One lock that is kept elsewhere, asked without waiting: by this node's pools, or by another
/// svcshare over HTTP.
///
/// The calls return at once. An answer comes once, on any thread, or never: then the question was
/// perhaps heard, perhaps not. All may be repeated under the same id.
public interface Lock {

    /// Asks for the lock, or again for what was asked under this id.
    ///
    /// @param wanted who asks, for what, and for how long a time the lock is held without renewal
    /// @param patience after this long [Answer.Waits] is wanted rather than a later [Answer.Held];
    ///   the place in the queue stays
    void acquire(RequestId id, Wanted wanted, Duration patience, Consumer<Answer> then);

    /// Has the lease end `lease` after the moment in which the lock's keeper hears of it; answered
    /// by [Answer.Held].
    void renew(RequestId id, Duration lease, Consumer<Answer> then);

    /// Gives the lock back, or leaves the queue; answered by [Answer.GivenBack].
    void release(RequestId id, Consumer<Answer> then);

    /// @param holder and `reason` are for people
    record Wanted(String holder, String reason, Duration lease) {}

    /// What the lock's keeper says.
    sealed interface Answer {

        /// @param fence the fencing token
        record Held(long fence) implements Answer {}

        /// @param holder who has it; empty when that is not known
        record Waits(String holder) implements Answer {}

        record GivenBack() implements Answer {}

        record Refused(Refusal why) implements Answer {}

        /// The lock's keeper does not listen to us, or cannot keep a lock as it has to be, until a
        /// person mends that. It says nothing about a lock that is held.
        ///
        /// @param why for people, with what to do
        record Barred(String why) implements Answer {}

        /// Not done, or perhaps done.
        ///
        /// @param why for people
        record Failed(String why) implements Answer {}
    }
}
