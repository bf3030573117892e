package org.svcshare.engine;

import java.nio.ByteBuffer;
import java.util.List;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableRules;

/// What is stored for one pool: the image of a table that has no other, and who wrote it.
///
/// @param life drawn when the value was first written: another one says that the store forgot it in
///   between
/// @param write names the one write that stored this value
record PoolValue(long life, Write write, TableImage image) {
    private static final int VERSION = 1;

    /// @param writer drawn by each engine when it starts
    /// @param number counts its writes
    record Write(long writer, long number) {}

    byte[] bytes() {
        byte[] table = TableCodec.write(withRules(image, bare(image.rules())));
        var to = new Bytes();
        to.u8(VERSION).i64(life).i64(write.writer).i64(write.number);
        byte[] head = to.copy();
        return ByteBuffer.allocate(head.length + table.length).put(head).put(table).array();
    }

    /// @throws IllegalArgumentException when it is not the value of this pool
    static PoolValue read(String pool, ByteBuffer bytes) {
        PoolValue value;
        try {
            ByteBuffer from = bytes.duplicate();
            byte version = from.get();
            if (version != VERSION) {
                throw new IllegalArgumentException("a value of form " + version);
            }
            value =
                    new PoolValue(
                            from.getLong(),
                            new Write(from.getLong(), from.getLong()),
                            TableCodec.read(from));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "what memcached has for pool " + pool + " is not from this program", e);
        }
        if (!value.image.tickets().stream().allMatch(ticket -> ticket.pool().equals(pool))) {
            throw new IllegalArgumentException(
                    "what memcached has for pool " + pool + " is of another pool");
        }
        return value;
    }

    /// Each server goes by its own settings, so there is no need to store them.
    private static TableRules bare(TableRules rules) {
        return new TableRules(
                List.of(), null, rules.maxTickets(), rules.rememberMs(), rules.maxRemembered());
    }

    static TableImage withRules(TableImage image, TableRules rules) {
        return new TableImage(
                image.nowMs(),
                image.lastTicket(),
                image.lastFence(),
                image.absence(),
                rules,
                image.tickets(),
                image.ended(),
                image.means());
    }
}
