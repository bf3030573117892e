package org.svcshare.gossip;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GossipSettings;
import org.svcshare.config.Secret;

/// Settings of members for tests.
final class Samples {
    private Samples() {}

    static Builder settings(String name, List<Endpoint> seeds) {
        return new Builder(name, seeds);
    }

    static final class Builder {
        private final String name;
        private final List<Endpoint> seeds;
        private String group = "svcshare";
        private Optional<Secret> secret = Optional.empty();
        private Duration interval = Duration.ofSeconds(1);
        private Duration silentAfter = Duration.ofSeconds(8);
        private Path folder = Path.of("unused");
        private int port;

        private Builder(String name, List<Endpoint> seeds) {
            this.name = name;
            this.seeds = new ArrayList<>(seeds);
        }

        Builder seed(Endpoint seed) {
            seeds.add(seed);
            return this;
        }

        Builder group(String group) {
            this.group = group;
            return this;
        }

        Builder secret(Optional<Secret> secret) {
            this.secret = secret;
            return this;
        }

        Builder interval(Duration interval) {
            this.interval = interval;
            return this;
        }

        Builder silentAfter(Duration silentAfter) {
            this.silentAfter = silentAfter;
            return this;
        }

        Builder folder(Path folder) {
            this.folder = folder;
            return this;
        }

        Builder port(int port) {
            this.port = port;
            return this;
        }

        GossipSettings build() {
            return new GossipSettings(
                    name,
                    group,
                    new Endpoint("127.0.0.1", port),
                    Optional.empty(),
                    List.copyOf(seeds),
                    secret,
                    Optional.empty(),
                    interval,
                    silentAfter,
                    Duration.ofMinutes(1),
                    Duration.ofDays(1),
                    new GossipSettings.Limits(100_000, 64L << 20),
                    folder);
        }
    }
}
