package org.svcshare.daemon;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GossipSettings;
import org.svcshare.gossip.SeedProbe;

/// Could this svcshare be a member of the group that the settings say, and would it be let in?
final class GossipCheck {
    private static final String SUBJECT = "gossip";
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Optional<GossipSettings> settings;

    GossipCheck(Optional<GossipSettings> settings) {
        this.settings = settings;
    }

    List<Finding> look() {
        return settings.map(GossipCheck::look).orElse(List.of());
    }

    private static List<Finding> look(GossipSettings gossip) {
        var findings = new ArrayList<Finding>();
        findings.add(
                gossip.listen().port() == 0
                        ? Finding.well(
                                SUBJECT, gossip.listen().host() + ", on a port that is free then")
                        : Doctor.free(SUBJECT, gossip.listen()));
        gossip.tls()
                .map(tls ->
                        CertificateCheck.look(
                                tls.own(), "gossip.tls.certificate-password", Instant.now()))
                .ifPresent(findings::add);
        findings.addAll(seeds(gossip));
        return findings;
    }

    private static List<Finding> seeds(GossipSettings gossip) {
        List<Endpoint> others =
                gossip.seeds().stream().filter(seed -> !seed.equals(gossip.reachedAt())).toList();
        if (others.isEmpty()) {
            return List.of(Finding.well(SUBJECT, "no seeds: founds the group " + gossip.group()));
        }
        try {
            var probe = new SeedProbe(gossip);
            return others.stream().map(seed -> ask(probe, seed)).toList();
        } catch (IOException e) {
            return List.of(Finding.broken(SUBJECT, String.valueOf(e.getMessage())));
        }
    }

    private static Finding ask(SeedProbe probe, Endpoint seed) {
        String who = "seed " + seed;
        try {
            probe.ask(seed, PATIENCE);
            return Finding.well(SUBJECT, who + " answers");
        } catch (UnknownHostException e) {
            return Finding.broken(SUBJECT, who + ": there is no host of that name");
        } catch (SSLException e) {
            return Finding.broken(
                    SUBJECT, who + " and this member do not believe each other: " + e.getMessage());
        } catch (SocketTimeoutException e) {
            return Finding.doubtful(
                    SUBJECT, who + ": no answer within " + PATIENCE.toSeconds() + " s");
        } catch (IOException e) {
            return Finding.doubtful(
                    SUBJECT, who + " does not answer (does it run yet?): " + e.getMessage());
        }
    }
}
