package org.svcshare.pool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect.Cause;

/// The ids of requests that have ended, for a bounded time and number: a repetition that comes late
/// is told how it ended, and does not take the lock anew.
///
/// A ring of plain numbers, oldest first, and a table of places in it with open addressing: some 40
/// bytes an id, and next to nothing for the garbage collector to follow. Under load ids come and go
/// by the ten thousand a second, and as objects they cost a tenth of all time.
///
/// Clients choose ids. Those of one who chooses them to collide do so only until a search takes
/// long: then the table is salted anew with what others have chosen.
final class EndedIds {
    private static final int LEAST = 64;

    /// With ids drawn at random, in a table that is half full at most, one search in 10^20 is
    /// longer.
    private static final int LONG_SEARCH = 128;

    private long[] high = new long[LEAST];
    private long[] low = new long[LEAST];
    private long[] forgetMs = new long[LEAST];
    private Cause[] cause = new Cause[LEAST];

    /// Place in the ring plus one; 0: free. Twice as long as the ring, both powers of two.
    private int[] places = new int[2 * LEAST];

    private final int longSearch;
    private int oldest;
    private int size;
    private long salt;
    private long keepMs;
    private int room;

    EndedIds() {
        this(LONG_SEARCH);
    }

    /// @param longSearch more steps than these are not believed to be chance
    EndedIds(int longSearch) {
        this.longSearch = longSearch;
    }

    void limits(long keepMs, int room) {
        this.keepMs = keepMs;
        this.room = room;
        while (size > room) {
            forgetOldest();
        }
    }

    void add(RequestId id, Cause how, long nowMs) {
        if (room > 0) {
            put(id, how, nowMs + keepMs);
        }
    }

    @Nullable Cause cause(RequestId id) {
        int place = places[find(id.high(), id.low())] - 1;
        return place < 0 ? null : cause[place];
    }

    /// Forgets what is old.
    void pass(long nowMs) {
        while (size > 0 && forgetMs[oldest] < nowMs) {
            forgetOldest();
        }
    }

    /// Oldest first.
    List<TableImage.EndedImage> images() {
        var images = new ArrayList<TableImage.EndedImage>(size);
        for (int i = 0; i < size; i++) {
            int at = oldest + i & high.length - 1;
            images.add(
                    new TableImage.EndedImage(
                            new RequestId(high[at], low[at]), cause[at], forgetMs[at]));
        }
        return images;
    }

    void restore(TableImage.EndedImage image) {
        put(image.id(), image.cause(), image.forgetMs());
    }

    private void put(RequestId id, Cause how, long untilMs) {
        int known = places[find(id.high(), id.low())] - 1;
        if (known >= 0) {
            // It was taken anew and has ended again.
            cause[known] = how;
            forgetMs[known] = untilMs;
            return;
        }
        if (room > 0 && size >= room) {
            forgetOldest();
        }
        if (size == high.length) {
            grow();
        }
        int at = oldest + size & high.length - 1;
        high[at] = id.high();
        low[at] = id.low();
        forgetMs[at] = untilMs;
        cause[at] = how;
        size++;
        int entry = find(id.high(), id.low());
        places[entry] = at + 1;
        if ((entry - home(id.high(), id.low()) & places.length - 1) > longSearch) {
            placeAnew(places.length);
        }
    }

    private void forgetOldest() {
        free(find(high[oldest], low[oldest]));
        oldest = oldest + 1 & high.length - 1;
        size--;
    }

    /// Where an id stands in the table, or would stand.
    private int find(long idHigh, long idLow) {
        int at = home(idHigh, idLow);
        for (int place = places[at]; place != 0; place = places[at]) {
            if (high[place - 1] == idHigh && low[place - 1] == idLow) {
                break;
            }
            at = at + 1 & places.length - 1;
        }
        return at;
    }

    private int home(long idHigh, long idLow) {
        return (int) mixed(mixed(salt ^ idHigh) ^ idLow) & places.length - 1;
    }

    /// The finisher of MurmurHash3.
    private static long mixed(long bits) {
        long mixed = (bits ^ bits >>> 33) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ mixed >>> 33) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ mixed >>> 33;
    }

    /// Takes an entry out of the table; those behind that could stand there move up (Knuth, The Art
    /// of Computer Programming 3, 6.4, algorithm R).
    private void free(int entry) {
        int mask = places.length - 1;
        int hole = entry;
        for (int at = hole + 1 & mask; places[at] != 0; at = at + 1 & mask) {
            int place = places[at] - 1;
            int from = home(high[place], low[place]);
            if ((at - from & mask) >= (at - hole & mask)) {
                places[hole] = places[at];
                hole = at;
            }
        }
        places[hole] = 0;
    }

    private void grow() {
        int old = high.length;
        high = turned(high, old);
        low = turned(low, old);
        forgetMs = turned(forgetMs, old);
        var causes = new Cause[2 * old];
        for (int i = 0; i < old; i++) {
            causes[i] = cause[oldest + i & old - 1];
        }
        cause = causes;
        oldest = 0;
        placeAnew(4 * old);
    }

    private void placeAnew(int length) {
        for (int i = 0; i < size; i++) {
            int at = oldest + i & high.length - 1;
            salt = mixed(salt ^ high[at]) + low[at];
        }
        places = new int[length];
        for (int i = 0; i < size; i++) {
            int at = oldest + i & high.length - 1;
            places[find(high[at], low[at])] = at + 1;
        }
    }

    /// Twice as long, the oldest first.
    private long[] turned(long[] ring, int length) {
        long[] longer = Arrays.copyOf(Arrays.copyOfRange(ring, oldest, length), 2 * length);
        System.arraycopy(ring, 0, longer, length - oldest, oldest);
        return longer;
    }
}
