package org.svcshare.daemon;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;
import org.svcshare.config.Settings;
import org.svcshare.config.TlsSettings;

/// Tries what a daemon with these settings would need, without being one: opens no gate, joins no
/// channel, changes nothing.
public final class Doctor {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Settings settings;

    public Doctor(Settings settings) {
        this.settings = settings;
    }

    /// Makes all checks, one after another; each finding is handed out as soon as it is there.
    ///
    /// @return whether nothing is broken
    public boolean examine(Consumer<Finding> findings) throws InterruptedException {
        List<Check> ofBot =
                List.of(this::irc, this::gate, this::guard, this::targets, this::client);
        var checks = new ArrayList<Check>(List.of(this::state));
        checks.addAll(settings.bot() ? ofBot : List.of());
        checks.add(new HttpCheck(settings)::look);
        checks.add(new PoolsCheck(settings)::look);
        checks.add(new GossipCheck(settings.gossip())::look);
        checks.add(new ReplicaCheck(settings)::look);
        boolean sound = true;
        for (Check check : checks) {
            for (Finding finding : check.look()) {
                sound &= finding.verdict() != Finding.Verdict.BROKEN;
                findings.accept(finding);
            }
        }
        return sound;
    }

    private interface Check {
        List<Finding> look() throws InterruptedException;
    }

    private List<Finding> state() {
        Path folder = settings.stateFolder();
        Path there = folder;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        boolean usable = Files.isDirectory(there) && Files.isWritable(there);
        return List.of(
                usable
                        ? Finding.well("state folder", folder.toString())
                        : Finding.broken("state folder", "cannot write to " + there));
    }

    private List<Finding> irc() {
        if (!settings.channel().onIrc()) {
            return List.of();
        }
        if (settings.ircd().enabled()) {
            var findings = new ArrayList<Finding>();
            findings.add(free("IRC server", settings.ircd().listen()));
            settings.ircd().tlsListen().ifPresent(l -> findings.add(free("IRC server", l)));
            if (settings.irc().server().port() == settings.ircd().listen().port()) {
                return findings;
            }
            findings.add(reach("IRC", settings.irc().server(), settings.irc().tls()));
            return findings;
        }
        return List.of(reach("IRC", settings.irc().server(), settings.irc().tls()));
    }

    private List<Finding> gate() {
        return List.of(free("gate", settings.gate().listen()));
    }

    private List<Finding> guard() {
        return settings.guard().filter(guard -> guard.url().isPresent()).stream()
                .map(GuardServer::of)
                .flatMap(guard -> GuardCheck.of(guard).stream())
                .map(GuardCheck::look)
                .toList();
    }

    private List<Finding> targets() {
        return settings.gate().targets().stream()
                // Not running yet when it is our own server.
                .filter(t -> !settings.ircd().enabled() || !t.equals(settings.ircd().listen()))
                .map(target -> reach("service", target, settings.gate().targetTls()))
                .toList();
    }

    private List<Finding> client() throws InterruptedException {
        String type = settings.client().type();
        try {
            ClientLook look = ClientLook.at(settings);
            String text =
                    type
                            + ": "
                            + look.lines().stream()
                                    .map(line -> line.replaceFirst(" {2,}", " "))
                                    .collect(joining("; "));
            return List.of(
                    look.ok() ? Finding.well("client", text) : Finding.broken("client", text));
        } catch (IOException e) {
            return List.of(Finding.broken("client", reason(e)));
        }
    }

    /// Whether a port can be listened on now.
    static Finding free(String subject, Endpoint listen) {
        try {
            for (InetAddress address : InetAddress.getAllByName(listen.host())) {
                try (var socket = new ServerSocket()) {
                    socket.setReuseAddress(true);
                    socket.bind(new InetSocketAddress(address, listen.port()));
                }
            }
            return Finding.well(subject, listen + " is free");
        } catch (BindException e) {
            return Finding.broken(
                    subject,
                    listen + " cannot be used (is svcshare running already?): " + reason(e));
        } catch (IOException e) {
            return Finding.broken(subject, listen + ": " + reason(e));
        }
    }

    private static Finding reach(String subject, Endpoint endpoint, TlsSettings tls) {
        String how = endpoint + (tls.enabled() ? " with TLS" : "");
        long began = System.nanoTime();
        try (var socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port()),
                    (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            String told = tls.enabled() ? ", " + TlsProbe.handshake(socket, endpoint, tls) : "";
            long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
            return Finding.well(subject, how + " answers in " + millis + " ms" + told);
        } catch (UnknownHostException e) {
            return Finding.broken(subject, how + ": there is no host of that name");
        } catch (SocketTimeoutException e) {
            return Finding.broken(
                    subject, how + ": no answer within " + PATIENCE.toSeconds() + " s");
        } catch (IOException e) {
            return Finding.broken(subject, how + ": " + reason(e));
        }
    }

    private static String reason(@Nullable Throwable e) {
        if (e == null) {
            return "no reason given";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
