package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.svcshare.config.GossipSettings.Limits;

/// Reads the `gossip` block.
final class GossipReader {
    static final int PORT = 5555;

    private static final Endpoint FALLBACK = new Endpoint("127.0.0.1", PORT);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,59}");
    private static final String NAME_EXPECTED =
            "1 to 60 letters, digits and ._- with a letter or digit first";
    private static final Pattern GROUP = Pattern.compile("[!-~]{1,100}");
    private static final Set<String> ANYWHERE = Set.of("0.0.0.0", "::", "*");
    private static final int MOST_SEEDS = 100;
    private static final int MOST_KEYS = 1_000_000;
    private static final long LEAST_BYTES = 64L << 10;
    private static final long MOST_BYTES = 1L << 30;
    private static final Duration SECOND = Duration.ofSeconds(1);

    /// What nobody sets who does not want to be in a group.
    private static final List<String> TELLING =
            List.of("name", "listen", "advertise", "secret", "secret-file");

    private final Section gossip;
    private final String owner;
    private final Path stateFolder;

    GossipReader(Section gossip, String owner, Path stateFolder) {
        this.gossip = gossip;
        this.owner = owner;
        this.stateFolder = stateFolder;
    }

    /// @param channel who votes over the group cannot do without it
    Optional<GossipSettings> read(ChannelKind channel) {
        List<Endpoint> seeds = seeds();
        Optional<Boolean> asked =
                gossip.choice(
                        "enabled",
                        Map.of(
                                "auto",
                                Optional.empty(),
                                "true",
                                Optional.of(true),
                                "yes",
                                Optional.of(true),
                                "on",
                                Optional.of(true),
                                "false",
                                Optional.of(false),
                                "no",
                                Optional.of(false),
                                "off",
                                Optional.of(false)),
                        Optional.empty());
        boolean seeded = !gossip.texts("seeds").isEmpty();
        boolean wanted = asked.orElse(seeded || channel.onGossip());
        boolean plain = gossip.flag("plain");
        Section tls = gossip.section("tls");
        boolean certified = !tls.isDefault("certificate") || !tls.isDefault("ca");
        boolean secretGiven =
                gossip.text("secret").or(() -> gossip.text("secret-file")).isPresent();
        var settings =
                new GossipSettings(
                        gossip.text("name", NAME, NAME_EXPECTED).orElseGet(this::derivedName),
                        gossip.text("group", GROUP, "1 to 100 visible ASCII characters")
                                .orElse("svcshare"),
                        gossip.endpoint("listen", 0, PORT).orElse(FALLBACK),
                        gossip.endpoint("advertise", 1, PORT),
                        seeds,
                        PeopleReader.groupSecret(gossip, "secret"),
                        GroupReader.certificates(tls, "this member's"),
                        time("interval", Duration.ofMillis(50), Duration.ofMinutes(1)),
                        time("silent-after", SECOND, Duration.ofMinutes(5)),
                        time("clock-ahead", SECOND, Duration.ofDays(1)),
                        time("tombstones-live", SECOND, Duration.ofDays(3650)),
                        limits(gossip.section("limits")),
                        folder());
        gossip.done();
        if (!wanted) {
            unwanted(channel, asked);
            return Optional.empty();
        }
        times(settings);
        trust(settings, plain, certified || secretGiven);
        reachable(settings);
        return Optional.of(settings);
    }

    private void unwanted(ChannelKind channel, Optional<Boolean> asked) {
        if (channel.onGossip()) {
            gossip.problem(
                    "enabled",
                    "expected true or auto, as channel is gossip or both: bots vote over the"
                            + " group");
        } else if (asked.isEmpty() && TELLING.stream().anyMatch(key -> !gossip.isDefault(key))) {
            gossip.warn(
                    "enabled", "auto, and without gossip.seeds that is off; true founds a group");
        }
    }

    private List<Endpoint> seeds() {
        var seeds = new LinkedHashSet<Endpoint>();
        for (String text : gossip.texts("seeds")) {
            gossip.endpoint("seeds", text, 1, PORT).ifPresent(seeds::add);
        }
        if (seeds.size() > MOST_SEEDS) {
            gossip.problem("seeds", "expected at most " + MOST_SEEDS + ", found " + seeds.size());
        }
        return List.copyOf(seeds);
    }

    /// The owner, as far as names go.
    private String derivedName() {
        String word = owner.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^[._-]+", "");
        return gossip.derived("name", word.isEmpty() ? "member" : word);
    }

    private Limits limits(Section limits) {
        int keys = limits.number("keys", 1, MOST_KEYS);
        long bytes = limits.bytes("bytes");
        if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
            limits.problem("bytes", "expected a size from 64k to 1G");
            bytes = LEAST_BYTES;
        }
        limits.done();
        return new Limits(keys, bytes);
    }

    private Path folder() {
        return gossip.text("folder").isPresent()
                ? gossip.resolve("folder", gossip.text("folder").get())
                : gossip.derived("folder", stateFolder.resolve("gossip"));
    }

    private Duration time(String key, Duration least, Duration most) {
        Duration time = gossip.duration(key, least);
        if (time.compareTo(most) > 0) {
            gossip.problem(key, "expected at most " + most.toSeconds() + "s");
            return most;
        }
        return time;
    }

    private void times(GossipSettings settings) {
        if (settings.tombstonesLive().compareTo(settings.clockAhead()) < 0) {
            gossip.problem(
                    "tombstones-live",
                    "expected at least clock-ahead, or a removed key could come back");
        }
    }

    /// @param begun whether there is a secret or a certificate, be it one that cannot be used
    private void trust(GossipSettings settings, boolean plain, boolean begun) {
        String host = settings.listen().host();
        boolean beyond = !Loopback.is(host);
        if (plain && begun) {
            gossip.warn("plain", "has no effect, as gossip.secret or gossip.tls is set");
        } else if (plain && beyond) {
            gossip.warn("plain", "whoever reaches " + host + " may read and change the store");
        } else if (beyond && !begun) {
            gossip.problem(
                    "listen",
                    host
                            + " is not loopback, so anybody could join, read and change the store:"
                            + " expected gossip.secret (or secret-file), gossip.tls, or plain ="
                            + " true on a network where you trust everybody");
        }
    }

    /// Every member connects to every other one, so that each has to be found by all.
    private void reachable(GossipSettings settings) {
        if (settings.advertise().isPresent()) {
            if (ANYWHERE.contains(settings.advertise().get().host())) {
                gossip.problem("advertise", "expected an address at which others reach this one");
            }
            return;
        }
        var far = new ArrayList<Endpoint>(settings.seeds());
        far.removeIf(seed -> Loopback.is(seed.host()));
        String host = settings.listen().host();
        if (ANYWHERE.contains(host)) {
            gossip.problem(
                    "advertise",
                    "expected host:port at which the others reach this member, as "
                            + host
                            + " says that to nobody");
        } else if (Loopback.is(host) && !far.isEmpty()) {
            gossip.problem(
                    "listen",
                    host
                            + " is loopback, where "
                            + far.getFirst()
                            + " cannot reach this member: expected an address of this machine in"
                            + " that network (or advertise, where something passes connections"
                            + " on)");
        }
    }
}
