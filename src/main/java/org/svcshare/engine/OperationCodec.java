package org.svcshare.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;

/// Operations as bytes: a number for the kind, then the fields in their order.
///
/// A kind's number and fields never change; a new form gets a new number.
public final class OperationCodec {
    private static final int ACQUIRE = 1;
    private static final int RENEW = 2;
    private static final int RELEASE = 3;
    private static final int FORCE = 4;
    private static final int UNHEARD = 5;
    private static final int CLAIM = 6;
    private static final int CONFIGURE = 7;
    private static final int RESTARTED = 8;
    private static final int TICK = 9;
    private static final int RESTARTED_WITH_CLAIM = 10;
    private static final int MAX_LETTERS = 1000;
    private static final int SHARED = 1;
    private static final int RECURRING = 2;

    private OperationCodec() {}

    /// Whether its texts are short enough to be written; the table itself wants them much shorter.
    public static boolean fits(Operation operation) {
        return switch (operation) {
            case Operation.Acquire asked ->
                    fits(asked.pool()) && fits(asked.holder()) && fits(asked.reason());
            case Operation.Renew renew -> fits(renew.pool());
            case Operation.Release release -> fits(release.pool());
            case Operation.Force force -> fits(force.by());
            case Operation.Claim claim -> fits(claim.pool());
            case Operation.Unheard _,
                    Operation.Configure _,
                    Operation.Restarted _,
                    Operation.Tick _ ->
                    true;
        };
    }

    private static boolean fits(String text) {
        return text.length() <= MAX_LETTERS;
    }

    public static void write(Operation operation, Bytes to) {
        switch (operation) {
            case Operation.Acquire asked -> acquire(asked, to);
            case Operation.Renew(RequestId id, String pool, long leaseMs) ->
                    id(id, to.u8(RENEW)).text(pool).i64(leaseMs);
            case Operation.Release(RequestId id, String pool) -> id(id, to.u8(RELEASE)).text(pool);
            case Operation.Force(long ticket, String by) -> to.u8(FORCE).i64(ticket).text(by);
            case Operation.Unheard(RequestId id, long claimMs) ->
                    id(id, to.u8(UNHEARD)).i64(claimMs);
            case Operation.Claim(RequestId id, String pool) -> id(id, to.u8(CLAIM)).text(pool);
            case Operation.Configure(TableRules rules) -> rules(rules, to.u8(CONFIGURE));
            case Operation.Restarted(long graceMs, long claimMs) -> {
                if (claimMs == Operation.Restarted.ALL_THERE) {
                    to.u8(RESTARTED).i64(graceMs);
                } else {
                    to.u8(RESTARTED_WITH_CLAIM).i64(graceMs).i64(claimMs);
                }
            }
            case Operation.Tick() -> to.u8(TICK);
        }
    }

    /// @throws RuntimeException when the bytes are none of an operation
    public static Operation read(ByteBuffer from) {
        byte kind = from.get();
        return switch (kind) {
            case ACQUIRE -> acquire(from);
            case RENEW -> new Operation.Renew(id(from), Bytes.text(from), from.getLong());
            case RELEASE -> new Operation.Release(id(from), Bytes.text(from));
            case FORCE -> new Operation.Force(from.getLong(), Bytes.text(from));
            case UNHEARD -> new Operation.Unheard(id(from), from.getLong());
            case CLAIM -> new Operation.Claim(id(from), Bytes.text(from));
            case CONFIGURE -> new Operation.Configure(rules(from));
            case RESTARTED ->
                    new Operation.Restarted(from.getLong(), Operation.Restarted.ALL_THERE);
            case RESTARTED_WITH_CLAIM -> new Operation.Restarted(from.getLong(), from.getLong());
            case TICK -> new Operation.Tick();
            default -> throw new IllegalArgumentException("no operation: " + kind);
        };
    }

    private static void acquire(Operation.Acquire asked, Bytes to) {
        int flags =
                (asked.mode() == Mode.SHARED ? SHARED : 0) | (asked.recurring() ? RECURRING : 0);
        id(asked.id(), to.u8(ACQUIRE))
                .text(asked.pool())
                .text(asked.holder())
                .text(asked.reason())
                .u8(flags)
                .i64(asked.waitMs())
                .i64(asked.leaseMs())
                .i64(asked.graceMs());
    }

    private static Operation acquire(ByteBuffer from) {
        RequestId id = id(from);
        String pool = Bytes.text(from);
        String holder = Bytes.text(from);
        String reason = Bytes.text(from);
        int flags = from.get();
        return new Operation.Acquire(
                id,
                pool,
                holder,
                reason,
                (flags & SHARED) == 0 ? Mode.EXCLUSIVE : Mode.SHARED,
                from.getLong(),
                from.getLong(),
                from.getLong(),
                (flags & RECURRING) != 0);
    }

    static Bytes id(RequestId id, Bytes to) {
        return to.i64(id.high()).i64(id.low());
    }

    static RequestId id(ByteBuffer from) {
        return new RequestId(from.getLong(), from.getLong());
    }

    static void rules(TableRules rules, Bytes to) {
        to.i32(rules.declared().size());
        rules.declared().forEach(pool -> pool(pool, to));
        PoolRules undeclared = rules.undeclared();
        to.flag(undeclared != null);
        if (undeclared != null) {
            pool(undeclared, to);
        }
        to.i32(rules.maxTickets()).i64(rules.rememberMs()).i32(rules.maxRemembered());
    }

    static TableRules rules(ByteBuffer from) {
        List<PoolRules> declared = new ArrayList<>();
        for (int left = from.getInt(); left > 0; left--) {
            declared.add(pool(from));
        }
        @Nullable PoolRules undeclared = Bytes.flag(from) ? pool(from) : null;
        return new TableRules(declared, undeclared, from.getInt(), from.getLong(), from.getInt());
    }

    private static void pool(PoolRules pool, Bytes to) {
        to.text(pool.name()).i32(pool.slots()).i64(pool.leaseMs()).i32(pool.maxWaiters());
        to.i32(pool.allow().size());
        // Sorted, so that equal rules are equal bytes.
        pool.allow().stream().sorted().forEach(to::text);
    }

    private static PoolRules pool(ByteBuffer from) {
        String name = Bytes.text(from);
        int slots = from.getInt();
        long leaseMs = from.getLong();
        int maxWaiters = from.getInt();
        Set<String> allow = new HashSet<>();
        for (int left = from.getInt(); left > 0; left--) {
            allow.add(Bytes.text(from));
        }
        return new PoolRules(name, slots, leaseMs, maxWaiters, allow);
    }
}
