package org.svcshare.pool;

import java.util.function.Consumer;

/// Who belongs to the group of machines that keeps the pools, and how that is changed. Any node of
/// it may be asked: it hands on what only the leader can do.
///
/// For any thread; never blocks. What it calls back runs on a thread of its own, and must not block
/// for long either.
public interface Group {
    /// Looks at the group as its leader sees it; where none answers, as this node does.
    void look(Consumer<GroupView> then);

    /// Changes the group, one change at a time. May take as long as a new node needs to get
    /// everything that the others have, and a little longer than a minute at most.
    ///
    /// @param answer called once
    void change(GroupChange change, Answer answer);

    /// Who hears what became of a change.
    interface Answer {
        /// A majority has it.
        void done();

        /// @param why for people
        void refused(GroupRefusal refusal, String why);
    }
}
