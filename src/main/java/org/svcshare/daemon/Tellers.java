package org.svcshare.daemon;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.bot.Bot;
import org.svcshare.turn.Happening;

/// Everybody who hears what happens: the log, hooks, the reporter.
final class Tellers implements Bot.Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("org.svcshare.turn.Happening");

    /// How long the last words of each may take when the daemon stops.
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final List<Teller> tellers = new ArrayList<>();

    /// Waits until everything that was heard has been told.
    interface Finish {
        void within(Duration limit) throws InterruptedException;
    }

    private record Teller(Bot.Listener listener, Finish finish, AutoCloseable part) {}

    /// Only before the bot starts.
    void add(Bot.Listener listener, Finish finish, AutoCloseable part) {
        tellers.add(new Teller(listener, finish, part));
    }

    @Override
    public void happened(Happening happening, Instant when, String nick) {
        LOG.info("{}", happening);
        for (Teller teller : tellers) {
            teller.listener().happened(happening, when, nick);
        }
    }

    @Override
    public void close() {
        for (Teller teller : tellers) {
            try (var _ = teller.part()) {
                teller.finish().within(LAST_WORDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("a hook did not stop well: {}", e.toString());
            }
        }
    }
}
