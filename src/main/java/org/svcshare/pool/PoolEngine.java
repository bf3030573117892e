package org.svcshare.pool;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Carries a [LockTable] on: puts operations in one durable order and applies them.
///
/// May be called by any thread; never blocks. Whatever it calls back runs on a thread of the
/// engine, or on the caller's when it is refused at once, and must not block either.
public interface PoolEngine extends AutoCloseable {
    /// Proposes an operation.
    ///
    /// @param answer called once, when the outcome is durable, or with why it is not known
    void propose(Operation operation, Answer answer);

    /// Looks at the table as it is after everything proposed before.
    ///
    /// @param then gets what `question` made of it, or null when the engine cannot be asked
    <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then);

    /// Looks at the table as this server has it, at once and whoever cannot be reached. On a group
    /// of machines others may know more by now; elsewhere it is the same as [#read].
    ///
    /// @param then gets what `question` made of it, or null when there is no table to look at
    default <T> void glance(Function<TableView, T> question, Consumer<@Nullable Glance<T>> then) {
        read(
                question,
                seen -> then.accept(seen == null ? null : new Glance<>(seen, Optional.empty())));
    }

    /// Tells what happens to tickets from now on.
    void listen(Consumer<Effect> listener);

    /// Tells once, on any thread, when this engine never hears of its tickets again although others
    /// go on with them: who waits here for a grant should wait elsewhere.
    default void whenLost(Runnable told) {}

    Status status();

    /// The group of machines that keeps the table; empty where one does.
    default Optional<Group> group() {
        return Optional.empty();
    }

    /// The table's time, by which leases end. It is not the wall clock's: it goes on when that is
    /// set, and on a group of machines it is the same on all. Never more than what the next
    /// operation would be told.
    long nowMs();

    /// What else there is to know about the engine, in numbers, for those who watch it.
    default List<Figure> figures() {
        return List.of();
    }

    /// Takes nothing more, carries out what was proposed, gives back its files and threads.
    @Override
    void close();

    /// What somebody saw who did not want to wait.
    ///
    /// @param stale what may be missing; empty: nothing is
    record Glance<T>(T seen, Optional<Stale> stale) {}

    /// How far a table may be behind the one that counts.
    ///
    /// @param heardMs how long ago this node heard from the leader, or as leader from a majority:
    ///   what was decided since is missing. Empty: not at all since its start, so a lot may be
    /// @param entriesBehind how many entries of the log it knows to be decided and does not have
    record Stale(OptionalLong heardMs, long entriesBehind) {}

    /// Who gets the outcome of an operation.
    interface Answer {
        void outcome(Outcome outcome);

        /// The operation was not done, or perhaps done.
        void failed(Failure failure);
    }

    /// Why an outcome is not known.
    ///
    /// @param perhapsDone whether it may have been done all the same: repeat it under the same id
    /// @param why for people
    record Failure(boolean perhapsDone, String why) {}

    /// One number as it is now.
    ///
    /// @param name words with dots in between, which do not change
    /// @param help what it is, for people
    /// @param node of which node of a group; empty: of this one
    record Figure(String name, String help, Optional<String> node, double value) {
        public Figure(String name, String help, double value) {
            this(name, help, Optional.empty(), value);
        }
    }

    /// @param ready whether operations are taken
    /// @param why if it is not ready, for people; otherwise empty
    /// @param kind memory, journal, memcached or raft
    record Status(String kind, boolean ready, String why) {}
}
