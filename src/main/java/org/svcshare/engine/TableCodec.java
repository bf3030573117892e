package org.svcshare.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.svcshare.pool.Effect.Cause;
import org.svcshare.pool.Mode;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TicketView.State;

/// A whole table as bytes, beginning with the version of their form.
public final class TableCodec {
    private static final int VERSION = 3;

    /// Has no [TableImage.Absence].
    private static final int FIRST_VERSION = 1;

    /// Since when it is written down where a ticket's owner was heard of.
    private static final int WITH_SERVERS = 3;

    private TableCodec() {}

    public static byte[] write(TableImage image) {
        var to = new Bytes();
        to.u8(VERSION).i64(image.nowMs()).i64(image.lastTicket()).i64(image.lastFence());
        to.i64(image.absence().untilMs()).i64(image.absence().claimMs());
        OperationCodec.rules(image.rules(), to);
        to.i32(image.tickets().size());
        image.tickets().forEach(ticket -> ticket(ticket, to));
        to.i32(image.ended().size());
        for (TableImage.EndedImage ended : image.ended()) {
            OperationCodec.id(ended.id(), to).u8(letter(ended.cause())).i64(ended.forgetMs());
        }
        to.i32(image.means().size());
        image.means().forEach(mean -> to.text(mean.pool()).i64(mean.meanHoldMs()));
        return to.copy();
    }

    /// @throws RuntimeException when the bytes are none of a table
    public static TableImage read(ByteBuffer from) {
        int version = from.get();
        if (version < FIRST_VERSION || version > VERSION) {
            throw new IllegalArgumentException(
                    "a table of form " + version + "; this program reads forms 1 to " + VERSION);
        }
        long nowMs = from.getLong();
        long lastTicket = from.getLong();
        long lastFence = from.getLong();
        TableImage.Absence absence =
                version == FIRST_VERSION
                        ? TableImage.Absence.NEVER
                        : new TableImage.Absence(from.getLong(), from.getLong());
        TableRules rules = OperationCodec.rules(from);
        var tickets = new ArrayList<TableImage.TicketImage>();
        for (int left = from.getInt(); left > 0; left--) {
            tickets.add(ticket(from, version));
        }
        var ended = new ArrayList<TableImage.EndedImage>();
        for (int left = from.getInt(); left > 0; left--) {
            RequestId id = OperationCodec.id(from);
            ended.add(
                    new TableImage.EndedImage(id, one(Cause.values(), from.get()), from.getLong()));
        }
        var means = new ArrayList<TableImage.MeanImage>();
        for (int left = from.getInt(); left > 0; left--) {
            means.add(new TableImage.MeanImage(Bytes.text(from), from.getLong()));
        }
        return new TableImage(nowMs, lastTicket, lastFence, absence, rules, tickets, ended, means);
    }

    private static void ticket(TableImage.TicketImage ticket, Bytes to) {
        OperationCodec.id(ticket.id(), to)
                .text(ticket.pool())
                .text(ticket.holder())
                .text(ticket.reason())
                .u8(letter(ticket.mode()))
                .u8(letter(ticket.state()))
                .i64(ticket.number())
                .i64(ticket.fence())
                .i64(ticket.sinceMs())
                .i64(ticket.dueMs())
                .i64(ticket.leaseMs())
                .i64(ticket.graceMs())
                .flag(ticket.recurring())
                .flag(ticket.heard())
                .i64(ticket.via());
    }

    private static TableImage.TicketImage ticket(ByteBuffer from, int version) {
        return new TableImage.TicketImage(
                OperationCodec.id(from),
                Bytes.text(from),
                Bytes.text(from),
                Bytes.text(from),
                one(Mode.values(), from.get()),
                one(State.values(), from.get()),
                from.getLong(),
                from.getLong(),
                from.getLong(),
                from.getLong(),
                from.getLong(),
                from.getLong(),
                Bytes.flag(from),
                Bytes.flag(from),
                version < WITH_SERVERS ? 0 : from.getLong());
    }

    /// A constant is written as its first letter.
    private static int letter(Enum<?> constant) {
        return constant.name().charAt(0);
    }

    private static <E extends Enum<E>> E one(E[] constants, byte letter) {
        for (E constant : constants) {
            if (letter(constant) == letter) {
                return constant;
            }
        }
        throw new IllegalArgumentException(
                "no " + constants[0].getDeclaringClass() + ": " + letter);
    }
}
