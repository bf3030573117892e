package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.Reply;

/// What clients of writes hear, above all those who send one twice.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WriteDeskTest {
    private static final NodeAddress A = new NodeAddress("a", 1);

    private final WriteDesk desk =
            new WriteDesk(10, new KeyTable(Duration.ofHours(1).toMillis(), false));

    /// Remembers what it hears.
    private static final class Client implements WriteClient {
        @Nullable Reply reply;
        @Nullable NodeAnswer answer;
        @Nullable Receipt receipt;
        @Nullable Refusal refusal;

        @Override
        public void answered(Receipt told, Reply what, @Nullable NodeAnswer of) {
            assertNull(reply, "told twice");
            receipt = told;
            reply = what;
            answer = of;
        }

        @Override
        public void refused(Refusal why) {
            refusal = why;
        }
    }

    private static WriteRequest request(String key, long fingerprint) {
        return new WriteRequest(
                "PUT",
                "/a",
                new DefaultHttpHeaders(),
                key,
                true,
                fingerprint,
                5,
                0,
                Unpooled.EMPTY_BUFFER,
                Optional.empty(),
                0);
    }

    private static NodeAnswer answer(String body) {
        return new NodeAnswer(
                201, new DefaultHttpHeaders(), Unpooled.copiedBuffer(body.getBytes(UTF_8)), false);
    }

    private Client send(WriteRequest request, long position) {
        var client = new Client();
        desk.written(desk.begin(request, client), position);
        return client;
    }

    private Client again(WriteRequest request, int agreed) {
        var client = new Client();
        KeyTable.Known known = desk.known(request).orElseThrow();
        int remembered = desk.outcome(known.position, request);
        desk.again(request, known, remembered == 0 ? agreed : remembered, client);
        return client;
    }

    @Test
    void given_an_answered_write_when_sent_again_then_the_same_answer_is_told() {
        WriteRequest request = request("k", 1);
        Client first = send(request, 7);
        desk.answered(7, A, answer("done"));
        desk.tell(7, new Reply.Chosen(A, 201, 1, 1));
        assertEquals(0, desk.underWay());

        Client second = again(request, 0);
        assertEquals(first.answer, second.answer);
        assertEquals(201, assertInstanceOf(Reply.Chosen.class, second.reply).status());
        assertEquals(new WriteClient.Receipt(7, request.id(7), true), second.receipt);
    }

    @Test
    void given_a_key_from_an_image_when_the_outcome_comes_behind_it_then_that_is_told() {
        WriteRequest request = request("k", 1);
        var known = new KeyTable.Known(request.fingerprint(), request.tag(), 0);
        known.position = 7;
        desk.keys().add("k", known);
        desk.restoreKeys();
        desk.restoreOutcome(7, 409);
        assertEquals(409, assertInstanceOf(Reply.Chosen.class, again(request, 0).reply).status());
    }

    @Test
    void given_all_have_failed_when_one_does_it_after_all_then_that_is_told() {
        WriteRequest request = request("k", 1);
        send(request, 7);
        assertTrue(desk.agreed(7, 500), "it is to be remembered");
        desk.tell(7, new Reply.Later(Map.of(), 1));
        assertTrue(desk.agreed(7, 201));
        assertEquals(201, assertInstanceOf(Reply.Chosen.class, again(request, 0).reply).status());
    }

    @Test
    void given_a_write_under_way_when_sent_again_then_both_hear_the_answer() {
        WriteRequest request = request("k", 1);
        Client first = send(request, 7);
        Client second = again(request, 0);
        assertNull(second.reply);
        desk.tell(7, new Reply.Chosen(A, 201, 1, 1));
        assertFalse(first.receipt == null || first.receipt.repeated());
        assertTrue(second.receipt != null && second.receipt.repeated());
    }

    @Test
    void given_a_key_that_is_in_use_when_another_write_has_it_then_that_is_refused() {
        send(request("k", 1), 7);
        Client other = again(request("k", 2), 0);
        assertTrue(other.refusal != null && other.refusal.status().code() == 422);
    }

    @Test
    void given_a_write_not_in_the_log_yet_when_sent_again_then_it_is_to_come_later() {
        WriteRequest request = request("k", 1);
        desk.begin(request, new Client());
        Client second = again(request, 0);
        assertTrue(second.refusal != null && second.refusal.status().code() == 409);
    }

    @Test
    void given_a_write_that_failed_when_sent_again_then_it_is_a_new_one() {
        WriteRequest request = request("k", 1);
        var client = new Client();
        var waits = desk.begin(request, client);
        desk.failed(waits, desk.tooMuch());
        assertTrue(client.refusal != null && client.refusal.status().code() == 503);
        assertEquals(Optional.empty(), desk.known(request));
        assertEquals(0, desk.underWay());
    }

    @Test
    void given_a_client_that_was_told_later_when_it_asks_then_the_outcome_is_remembered() {
        WriteRequest request = request("k", 1);
        send(request, 7);
        desk.tell(7, new Reply.Later(Map.of(), 2));
        assertInstanceOf(Reply.Later.class, again(request, 0).reply);
        assertTrue(desk.agreed(7, 204), "it must be written down");
        assertEquals(204, desk.outcome(7, request));
        assertEquals(204, assertInstanceOf(Reply.Chosen.class, again(request, 0).reply).status());
    }

    @Test
    void given_a_restart_when_a_write_is_sent_again_then_its_outcome_is_known() {
        WriteRequest request = request("k", 1);
        desk.restoreWrite(7, request);
        desk.restoreOutcome(7, 201);
        assertEquals(201, assertInstanceOf(Reply.Chosen.class, again(request, 0).reply).status());
    }
}
