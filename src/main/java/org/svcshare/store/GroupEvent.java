package org.svcshare.store;

/// What happens in a group, as one of its members sees it.
public sealed interface GroupEvent {

    /// About one key. On one member they come in the order in which the key changed there: a key is
    /// new, changes any number of times, and is removed, exactly once each.
    sealed interface OfKey extends GroupEvent {
        String key();
    }

    record NewKey(Entry entry) implements OfKey {
        @Override
        public String key() {
            return entry.key();
        }
    }

    record KeyChanged(Entry entry, Entry before) implements OfKey {
        @Override
        public String key() {
            return entry.key();
        }
    }

    /// @param before what it was
    /// @param expired whether its time was over; otherwise somebody removed it
    record KeyRemoved(Entry before, boolean expired) implements OfKey {
        @Override
        public String key() {
            return before.key();
        }
    }

    /// Came, for the first time or again.
    record MemberJoined(Member member) implements GroupEvent {}

    /// Said goodbye.
    record MemberLeft(Member member) implements GroupEvent {}

    /// Is not heard of any more.
    record MemberFailed(Member member) implements GroupEvent {}

    /// This member is in the group, perhaps as its first.
    record Started(String name) implements GroupEvent {}

    record Stopping(String name) implements GroupEvent {}

    /// A round with one other member begins.
    record BeforeGossip(String with) implements GroupEvent {}

    /// @param received entries that were news
    record AfterGossip(String with, int received) implements GroupEvent {}

    /// Members that were apart, this one as a newcomer included, begin to compare their stores.
    record BeforeSync(String with) implements GroupEvent {}

    /// @param received entries that were news
    record AfterSync(String with, int received) implements GroupEvent {}

    /// Somebody called something out to all.
    ///
    /// @param from the member where it was called
    record Called(String name, Value payload, String from) implements GroupEvent {}
}
