package org.svcshare.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.svcshare.lock.Access;
import org.svcshare.lock.Ask;
import org.svcshare.lock.DistributexClient;
import org.svcshare.lock.ServerAddress;

/// `svcshare distributex`: the wrapper of distributex, for crontabs that have it.
///
/// As there SIGINT and SIGTERM give the lock back and end with 1; the command is ended first. Other
/// than there the command's exit status is passed on. Its protocol has no renewal, so nobody can
/// tell whether the lock has run out: `svcshare lock` can.
final class DistributexRun {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration GIVING_BACK = Duration.ofSeconds(5);

    private final DistributexWords words;
    private final Surroundings surroundings;
    private final Inbox inbox;

    DistributexRun(DistributexWords words, Surroundings surroundings, Inbox inbox) {
        this.words = words;
        this.surroundings = surroundings;
        this.inbox = inbox;
    }

    int run() throws InterruptedException {
        Optional<DistributexClient> client = Optional.empty();
        if (words.host().isPresent()) {
            try {
                client = Optional.of(client(words.host().get()));
            } catch (IllegalArgumentException e) {
                say("-H: " + e.getMessage());
                return ExitCode.USAGE;
            }
        }
        inbox.catchSignals();
        if (client.isPresent() && !words.local()) {
            return remotely(client.get());
        }
        try {
            Optional<LocalLock> local =
                    LocalLock.waiting(words.pool(), Ask.FOREVER, surroundings, inbox);
            if (local.isEmpty()) {
                return ExitCode.FAILED;
            }
            try (var _ = local.get()) {
                return client.isPresent() ? remotely(client.get()) : command();
            }
        } catch (IOException e) {
            say("no local lock: " + e);
            return ExitCode.UNAVAILABLE;
        }
    }

    private DistributexClient client(String host) {
        String bracketed = host.contains(":") ? "[" + host + "]" : host;
        return new DistributexClient(
                new Access(
                        List.of(ServerAddress.parse(bracketed + ":" + words.port())),
                        Optional.empty(),
                        Optional.empty(),
                        PATIENCE));
    }

    private int remotely(DistributexClient client) throws InterruptedException {
        String self = LockRun.hostName(surroundings);
        try {
            return switch (client.await(self, words.pool(), inbox.stop())) {
                case YES -> command();
                case INVALID -> {
                    say("the server has no pool " + words.pool() + " for " + self);
                    yield ExitCode.NOT_ALLOWED;
                }
                case UNREACHABLE -> {
                    say("the server does not answer");
                    yield ExitCode.UNAVAILABLE;
                }
                case STOPPED -> ExitCode.FAILED;
            };
        } finally {
            // Also when it was never ours: this host may stand in line.
            client.release(self, words.pool(), GIVING_BACK);
        }
    }

    private int command() throws InterruptedException {
        if (inbox.first().isPresent()) {
            return ExitCode.FAILED;
        }
        try {
            var group =
                    CommandGroup.start(
                            List.of("/bin/sh", "-c", words.command()), Map.of(), surroundings);
            int code =
                    new Supervisor(group, inbox, Optional.empty(), Duration.ZERO, this::say).run();
            return inbox.first().isPresent() ? ExitCode.FAILED : code;
        } catch (IOException e) {
            say(String.valueOf(e.getMessage()));
            return ExitCode.NOT_RUNNABLE;
        }
    }

    private void say(String message) {
        surroundings.err().println("svcshare: " + message);
    }
}
