package org.svcshare.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.pool.Effect.Cause;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableImage;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TicketView.State;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CodecTest {
    private static final RequestId ID = new RequestId(-1, Long.MIN_VALUE);
    private static final TableRules RULES =
            new TableRules(
                    List.of(
                            new PoolRules("bench", 1, 0, 5, Set.of("anna", "ben", "zoë")),
                            new PoolRules("seats", 1_000_000, 60_000, 0, Set.of())),
                    new PoolRules("*", 1, 1, 1, Set.of()),
                    7,
                    8,
                    9);

    static Stream<Operation> operations() {
        return Stream.of(
                new Operation.Acquire(ID, "bench/ü", "anna", "", Mode.EXCLUSIVE, 0, -1, 5, false),
                new Operation.Acquire(
                        ID, "b", "\uD83D\uDE00", "why not", Mode.SHARED, 1, 0, 0, true),
                new Operation.Renew(ID, "bench", -1),
                new Operation.Release(ID, ""),
                new Operation.Force(Long.MAX_VALUE, "root"),
                new Operation.Unheard(ID, 10_000),
                new Operation.Claim(ID, "bench"),
                new Operation.Configure(RULES),
                new Operation.Configure(new TableRules(List.of(), null, 1, 0, 0)),
                new Operation.Restarted(5000, 10_000),
                new Operation.Restarted(5000, Operation.Restarted.ALL_THERE),
                new Operation.Tick());
    }

    @ParameterizedTest
    @MethodSource("operations")
    void given_an_operation_when_written_and_read_then_it_is_the_same(Operation operation) {
        var bytes = new Bytes();
        OperationCodec.write(operation, bytes);
        ByteBuffer written = bytes.written();

        assertEquals(operation, OperationCodec.read(written));
        assertFalse(written.hasRemaining());
    }

    @Test
    void given_every_kind_of_operation_then_the_list_above_has_it() {
        long kinds = operations().map(Object::getClass).distinct().count();

        assertEquals(Operation.class.getPermittedSubclasses().length, kinds);
    }

    @Test
    void given_a_text_that_is_too_long_then_it_does_not_fit() {
        assertTrue(OperationCodec.fits(new Operation.Release(ID, "x".repeat(1000))));
        assertFalse(OperationCodec.fits(new Operation.Release(ID, "x".repeat(1001))));
    }

    private static final long SERVER = 0x5eef_ca5e_0ddb_a115L;

    private static TableImage image() {
        return new TableImage(
                1,
                2,
                3,
                new TableImage.Absence(77, 10_000),
                RULES,
                List.of(
                        new TableImage.TicketImage(
                                ID,
                                "bench",
                                "anna",
                                "a reason",
                                Mode.SHARED,
                                State.UNLOCKING,
                                1,
                                2,
                                3,
                                4,
                                5,
                                6,
                                true,
                                false,
                                SERVER),
                        new TableImage.TicketImage(
                                new RequestId(1, 2),
                                "bench",
                                "ben",
                                "",
                                Mode.EXCLUSIVE,
                                State.WAITING,
                                7,
                                0,
                                9,
                                Long.MAX_VALUE,
                                0,
                                0,
                                false,
                                true,
                                SERVER)),
                Stream.of(Cause.values())
                        .map(cause ->
                                new TableImage.EndedImage(
                                        new RequestId(5, cause.name().length()), cause, 77))
                        .toList(),
                List.of(new TableImage.MeanImage("bench", 1234)));
    }

    @Test
    void given_a_table_when_written_and_read_then_it_is_the_same() {
        assertEquals(image(), TableCodec.read(ByteBuffer.wrap(TableCodec.write(image()))));
    }

    @Test
    void given_a_table_of_another_form_then_it_says_so() {
        byte[] bytes = TableCodec.write(image());
        bytes[0] = 9;

        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> TableCodec.read(ByteBuffer.wrap(bytes)));
        assertEquals("a table of form 9; this program reads forms 1 to 3", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void given_bytes_of_the_first_forms_then_they_are_read_as_waiters_who_are_there(int form) {
        var restarted = new Bytes().u8(8).i64(5000);
        var older = new Bytes();
        byte[] bytes = TableCodec.write(image());
        int absence = 1 + 3 * Long.BYTES;
        older.u8(form);
        for (int i = 1; i < bytes.length; i++) {
            if (form == 1 && i == absence) {
                i += 2 * Long.BYTES;
            }
            if (i + Long.BYTES <= bytes.length
                    && ByteBuffer.wrap(bytes, i, 8).getLong() == SERVER) {
                i += Long.BYTES;
            }
            older.u8(bytes[i]);
        }

        assertEquals(
                new Operation.Restarted(5000, Operation.Restarted.ALL_THERE),
                OperationCodec.read(restarted.written()));
        TableImage image = TableCodec.read(older.written());
        assertEquals(form == 1 ? TableImage.Absence.NEVER : image().absence(), image.absence());
        assertEquals(image().tickets().stream().map(CodecTest::anywhere).toList(), image.tickets());
        assertEquals(image().means(), image.means());
    }

    private static TableImage.TicketImage anywhere(TableImage.TicketImage ticket) {
        return new TableImage.TicketImage(
                ticket.id(),
                ticket.pool(),
                ticket.holder(),
                ticket.reason(),
                ticket.mode(),
                ticket.state(),
                ticket.number(),
                ticket.fence(),
                ticket.sinceMs(),
                ticket.dueMs(),
                ticket.leaseMs(),
                ticket.graceMs(),
                ticket.recurring(),
                ticket.heard(),
                0);
    }

    @Test
    void given_a_table_cut_anywhere_then_it_is_refused() {
        byte[] bytes = TableCodec.write(image());
        for (int length = 0; length < bytes.length; length++) {
            ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length);
            assertThrows(RuntimeException.class, () -> TableCodec.read(cut));
        }
    }

    @Test
    void given_random_bytes_then_an_operation_or_an_exception_and_never_an_error() {
        var random = new Random(20261121);
        var read = new ArrayList<Operation>();
        for (int i = 0; i < 20_000; i++) {
            var bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = (byte) (1 + random.nextInt(11));
            }
            try {
                read.add(OperationCodec.read(ByteBuffer.wrap(bytes)));
            } catch (RuntimeException _) {
                // As it must be.
            }
        }
        assertTrue(read.size() > 100, "some are valid: " + read.size());
    }
}
