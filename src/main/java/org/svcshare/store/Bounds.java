package org.svcshare.store;

import static org.svcshare.store.StoreMessage.MAX_ENTRIES;
import static org.svcshare.store.StoreMessage.MAX_ENTRY_BYTES;
import static org.svcshare.store.StoreMessage.MAX_KNOWN;
import static org.svcshare.store.StoreMessage.MAX_MARKS;
import static org.svcshare.store.StoreMessage.RANGES;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.ToIntFunction;
import org.svcshare.store.StoreMessage.Mark;

/// How large messages may be: for what we take, and for what we make.
final class Bounds {
    private Bounds() {}

    /// Whether it is one that a [StoreKeeper] could have made.
    static boolean kept(StoreMessage message) {
        return switch (message) {
            case StoreMessage.Entries(List<Entry> entries) ->
                    entries.size() <= MAX_ENTRIES
                            && (entries.size() == 1 || bytes(entries) <= MAX_ENTRY_BYTES);
            case StoreMessage.Digest digest ->
                    digest.hashes().size() == RANGES
                            && digest.known().size() <= MAX_KNOWN
                            && digest.known().entrySet().stream()
                                    .allMatch(one ->
                                            one.getKey().length() == 16 && one.getValue() >= 0);
            case StoreMessage.Marks marks -> kept(marks);
            case StoreMessage.Wanted(List<String> keys) -> keys.size() <= MAX_ENTRIES && keys(keys);
            case StoreMessage.Rumour(List<Mark> marks) -> marks(marks);
        };
    }

    private static boolean kept(StoreMessage.Marks marks) {
        boolean whole = marks.from().isEmpty() && marks.to().isEmpty();
        return (whole || marks.ranges().size() == 1)
                && new HashSet<>(marks.ranges()).size() == marks.ranges().size()
                && marks.ranges().stream().allMatch(range -> range >= 0 && range < RANGES)
                && (marks.from().isEmpty() || Entry.problem(marks.from()).isEmpty())
                && (marks.to().isEmpty() || Entry.problem(marks.to()).isEmpty())
                && marks(marks.marks());
    }

    private static boolean marks(List<Mark> marks) {
        return marks.size() <= MAX_MARKS
                && marks.stream().allMatch(mark -> Entry.problem(mark.key()).isEmpty());
    }

    private static boolean keys(List<String> keys) {
        return keys.stream().allMatch(key -> Entry.problem(key).isEmpty());
    }

    private static long bytes(List<Entry> entries) {
        return entries.stream().mapToLong(Shelf::sizeBytes).sum();
    }

    /// Collects what goes into one message, until it is full.
    static final class Load<T> {
        private final List<T> things = new ArrayList<>();
        private final int most;
        private final ToIntFunction<T> sizeBytes;
        private long bytes;

        private Load(int most, ToIntFunction<T> sizeBytes) {
            this.most = most;
            this.sizeBytes = sizeBytes;
        }

        static Load<Entry> ofEntries() {
            return new Load<>(MAX_ENTRIES, Shelf::sizeBytes);
        }

        static Load<Mark> ofMarks(int most) {
            return new Load<>(most, mark -> Shelf.sizeBytes(mark.key()));
        }

        static Load<String> ofKeys() {
            return new Load<>(MAX_ENTRIES, Shelf::sizeBytes);
        }

        /// @return whether it is in
        boolean add(T thing) {
            int more = sizeBytes.applyAsInt(thing);
            if (things.size() == most || (!things.isEmpty() && bytes + more > MAX_ENTRY_BYTES)) {
                return false;
            }
            bytes += more;
            things.add(thing);
            return true;
        }

        int size() {
            return things.size();
        }

        /// Takes the last ones out again.
        void cutTo(int size) {
            while (things.size() > size) {
                bytes -= sizeBytes.applyAsInt(things.removeLast());
            }
        }

        boolean isEmpty() {
            return things.isEmpty();
        }

        List<T> things() {
            return List.copyOf(things);
        }
    }
}
