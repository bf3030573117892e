package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.svcshare.config.GateSettings;
import org.svcshare.config.GateSettings.WhenClosed;

/// A gate that may be open only until some moment. What a process that was stopped does is tested
/// with a process of its own, in `StoppedGateIT`.
@ParameterizedClass(name = "{0}")
@EnumSource
class GateValidityTest extends GateContract {
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration LONG = Duration.ofMinutes(5);

    GateValidityTest(Kind kind) {
        super(kind);
    }

    private Gate opened(GateSettings settings, Moment until) {
        Gate gate = closing(gate(settings, heard));
        gate.open(until).toCompletableFuture().join();
        return gate;
    }

    private static Moment in(Duration time) {
        return Moment.now().plus(time);
    }

    /// Over at once, because its clocks do not agree.
    private static Moment afterASleep() {
        Moment end = in(LONG);
        return new Moment(end.nanos(), end.wallMillis() - Duration.ofHours(1).toMillis());
    }

    private void untilLapsed() {
        await().atMost(SOON).until(() -> heard.lapses.get() == 1);
    }

    @Test
    void given_nothing_that_moves_when_the_moment_comes_then_the_gate_closes_by_itself()
            throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()), in(SHORT));
        Socket client = dial(gate);

        untilLapsed();

        assertReset(client);
        gate.shut().toCompletableFuture().join();
        assertRefused(gate);
        assertGone(gate);
        assertEquals(1, heard.lapses.get());
    }

    @Test
    void given_a_stream_when_the_moment_comes_then_it_is_cut_and_nothing_is_counted_later()
            throws Exception {
        var received = new AtomicLong();
        Gate gate = opened(to(closing(FakeService.sink(received)).port()), in(SHORT));
        Socket client = dial(gate);

        assertThrows(
                SocketException.class,
                () -> {
                    byte[] block = noise(64 * 1024);
                    while (true) {
                        client.getOutputStream().write(block);
                    }
                });

        untilLapsed();
        assertGone(gate);
        assertTrue(received.get() > 0);
        assertTrue(received.get() <= gate.counts().upBytes());
    }

    @Test
    void given_a_moment_that_is_put_off_when_it_comes_then_the_gate_stays_open() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()), in(SHORT));
        Moment first = in(SHORT);
        Socket client = dial(gate);
        gate.extend(in(LONG));

        await().atMost(SOON).until(() -> first.reachedAt(Moment.now()));

        send(client, "x");
        assertEquals('x', client.getInputStream().read());
        assertEquals(0, heard.lapses.get());
    }

    @Test
    void given_clocks_that_part_when_something_wants_to_pass_then_it_does_not() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()), in(LONG));
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());

        gate.extend(afterASleep());
        assertThrows(
                IOException.class,
                () -> {
                    send(client, "y");
                    assertEquals(-1, client.getInputStream().read());
                    throw new IOException("ended");
                });

        untilLapsed();
        assertGone(gate);
        assertEquals(1, gate.counts().upBytes());
        assertEquals(1, gate.counts().downBytes());
    }

    @Test
    void given_a_moment_that_is_over_when_told_to_open_then_it_does_not() {
        Gate gate = closing(gate(to(closing(FakeService.echo()).port()), heard));

        var failed =
                assertThrows(
                        CompletionException.class,
                        () -> gate.open(Moment.now()).toCompletableFuture().join());

        assertInstanceOf(IOException.class, failed.getCause());
        gate.shut().toCompletableFuture().join();
        assertRefused(gate);
    }

    @Test
    void given_a_gate_that_lapsed_when_put_off_then_only_a_new_opening_opens_it() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()), in(SHORT));
        untilLapsed();

        gate.extend(in(LONG));
        gate.shut().toCompletableFuture().join();
        assertRefused(gate);

        gate.open(in(LONG)).toCompletableFuture().join();
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());
    }

    @Test
    void given_a_gate_that_was_shut_when_the_moment_comes_then_nobody_is_told() throws Exception {
        Gate gate = opened(to(closing(FakeService.echo()).port()), in(SHORT));
        gate.shut().toCompletableFuture().join();
        Moment first = in(SHORT.plusMillis(200));
        gate.open().toCompletableFuture().join();

        await().atMost(SOON).until(() -> first.reachedAt(Moment.now()));

        assertEquals(0, heard.lapses.get());
        Socket client = dial(gate);
        send(client, "x");
        assertEquals('x', client.getInputStream().read());
    }

    @Test
    void given_a_drain_when_the_moment_comes_then_the_rest_is_cut() throws Exception {
        Gate gate = opened(to(closing(FakeService.silent()).port()), in(SHORT));
        Socket client = dial(gate);
        await().atMost(SOON).until(() -> gate.counts().open().size() == 1);

        assertEquals(1, gate.drain(LONG).toCompletableFuture().join());

        assertReset(client);
        assertEquals(1, heard.lapses.get());
    }

    @Test
    void given_waiting_clients_when_the_gate_lapses_then_the_next_ones_knock() throws Exception {
        var vary = new Vary();
        vary.whenClosed = WhenClosed.RESET;
        Gate gate = opened(with(to(closing(FakeService.echo()).port()), vary), in(SHORT));
        untilLapsed();

        assertReset(dial(gate));

        assertEquals(1, heard.knocks.get());
        assertEquals(0, gate.counts().openedTotal());
    }
}
