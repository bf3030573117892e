package org.svcshare.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/// A group of members that share a store, as the rest of svcshare sees it.
///
/// May be called by any thread; never blocks. What it calls back runs on a thread of the group, and
/// must not block either.
public interface MemberGroup extends AutoCloseable {
    /// As this member sees it now: itself first, then by name. Those that left or failed are in it
    /// for a time, or until they are forgotten.
    List<Member> members();

    Status status();

    /// Looks at the store as it is after every change that this thread asked for before.
    ///
    /// @return whether `then` will be called; not when this member stops or has too much to do
    <T> boolean read(Function<StoreView, T> question, Consumer<T> then);

    /// @param then told when the change is kept here, and on its way to the others
    void change(Change change, Consumer<Change.Outcome> then);

    /// Calls something out to all members, this one included, as [GroupEvent.Called].
    ///
    /// @return for people what is wrong with it; empty when it was sent
    String call(String name, Value payload);

    /// Asks all members, this one included, and tells the answers as they come in.
    ///
    /// @param limit how long answers are waited for
    void ask(String name, Value payload, Duration limit, Answers answers);

    /// Who answers questions here, [#ask]ed anywhere. `ping` and `version` are answered without.
    void answerWith(Answerer answerer);

    /// Members that left or failed are forgotten by all.
    ///
    /// @param then told what became of it
    void forget(String name, Consumer<Forgotten> then);

    /// Tells what happens from now on, in order.
    ///
    /// @return ends it
    Runnable listen(Consumer<GroupEvent> listener);

    /// Says goodbye and ends.
    @Override
    void close();

    /// Who gets the answers to a question.
    interface Answers {
        /// Once for a member at most.
        void answer(String member, Value payload);

        /// All have answered, or the time is over.
        ///
        /// @param silent members of which no answer came
        void ended(List<String> silent);
    }

    /// Answers questions; must not block.
    interface Answerer {
        /// @param from the member that asks
        /// @param answer to be called once at most; without it there is no answer
        void asked(String name, Value payload, String from, Consumer<Value> answer);
    }

    enum Forgotten {
        DONE,
        /// It is alive; only who is gone can be forgotten.
        ALIVE,
        UNKNOWN,
        /// This member stops or has too much to do.
        UNAVAILABLE
    }

    /// How the group is.
    ///
    /// @param joined whether this member is in a group, be it alone
    /// @param where the group's name and where this member listens, for people
    /// @param trouble what is wrong, such as seeds that do not answer; empty when nothing is
    /// @param rejected messages that were not believed or not understood, by reason
    /// @param counts numbers that only grow, by name
    record Status(
            boolean joined,
            String group,
            String name,
            String where,
            Instant since,
            String trouble,
            Map<String, Long> rejected,
            Map<String, Long> counts) {}
}
