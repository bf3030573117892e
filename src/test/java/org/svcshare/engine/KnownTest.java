package org.svcshare.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.pool.LockTable;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableRules;

/// What a server brings back into a pool that its memcached has forgotten.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class KnownTest {
    private static final PoolRules POOL = new PoolRules("bench", 1, 60_000, 100, Set.of());
    private static final TableRules RULES = new TableRules(List.of(POOL), null, 100, 60_000, 100);
    private static final RequestId ANNA = new RequestId(1, 1);
    private static final RequestId BEN = new RequestId(2, 2);

    private final LockTable table = new LockTable(_ -> {});

    private void apply(Operation operation) {
        table.apply(operation, 0);
    }

    private static Operation.Acquire asked(RequestId id, boolean recurring) {
        return new Operation.Acquire(
                id, "bench", "host", "", Mode.EXCLUSIVE, 60_000, 60_000, 0, recurring);
    }

    private List<RequestId> merged(Known known, TableImage there) {
        return known.into(there, POOL, 0, 0).tickets().stream()
                .map(TableImage.TicketImage::id)
                .toList();
    }

    @Test
    void given_a_waiter_of_ours_when_another_began_anew_then_it_is_there_again() {
        apply(new Operation.Configure(RULES));
        apply(asked(ANNA, false));
        TableImage there = table.image();
        apply(asked(BEN, false));
        var known = new Known(1, table.image(), Set.of(BEN), 0);

        assertEquals(List.of(ANNA, BEN), merged(known, there));
    }

    /// Another server has put the holder back, and it has given the lock back there. Of recurring
    /// ones nobody remembers that they have ended.
    @ParameterizedTest
    @CsvSource({"false, false", "true, true"})
    void given_a_holder_that_has_ended_elsewhere_when_merged_then_only_a_recurring_one_comes_back(
            boolean recurring, boolean back) {
        apply(new Operation.Configure(RULES));
        apply(asked(ANNA, recurring));
        apply(asked(BEN, false));
        var known = new Known(1, table.image(), Set.of(BEN), 0);

        var elsewhere = new LockTable(_ -> {});
        elsewhere.apply(new Operation.Configure(RULES), 0);
        elsewhere.apply(asked(ANNA, recurring), 0);
        elsewhere.apply(new Operation.Release(ANNA, "bench"), 0);

        assertEquals(back ? List.of(ANNA, BEN) : List.of(BEN), merged(known, elsewhere.image()));
    }
}
