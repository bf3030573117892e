package org.svcshare.it;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.svcshare.cluster.TestAuthority;
import org.svcshare.config.GroupSettings;

/// Nodes on loopback that believe each other by certificates.
final class LoopbackPlaces implements NodePlaces {
    private final GroupSettings.Tls tls;
    private final Map<String, Integer> ports = new ConcurrentHashMap<>();

    /// @param folder for the certificates
    LoopbackPlaces(Path folder) throws Exception {
        tls = new TestAuthority(folder, "authority").sign("node", "ip:127.0.0.1");
    }

    @Override
    public String address(String node) {
        return "127.0.0.1:" + ports.computeIfAbsent(node, _ -> RealPart.twoFreePorts());
    }

    @Override
    public String settings(String node) {
        return tls(tls);
    }

    static String tls(GroupSettings.Tls tls) {
        return "cluster.tls { certificate = \"%s\", key = \"%s\", ca = \"%s\" }"
                .formatted(tls.own().certificate(), tls.own().key().orElseThrow(), tls.ca());
    }

    @Override
    public void close() {}
}
