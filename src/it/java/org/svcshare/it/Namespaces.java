package org.svcshare.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.svcshare.cluster.TestAuthority;
import org.svcshare.config.GroupSettings;

/// Nodes each with a network of its own (Linux' namespaces), as on machines of their own: cables
/// lead from each to a switch, and another one to us. What goes into a cable that is not plugged in
/// is gone, and nobody is told.
final class Namespaces implements NodePlaces {
    private static final int NETS = 200;

    private final int net = (int) (ProcessHandle.current().pid() % NETS);
    private final String bridge = "svcsw" + net;
    private final List<String> nodes;
    private final List<List<String>> undo = new ArrayList<>();
    private final Map<String, GroupSettings.Tls> tls = new HashMap<>();

    /// Ends the test as skipped where none may be made.
    ///
    /// @param folder for the certificates
    Namespaces(Path folder, List<String> nodes) throws Exception {
        this.nodes = List.copyOf(nodes);
        RealPart.find("ip");
        boolean made = false;
        try {
            made = plugAll();
        } finally {
            if (!made) {
                close();
            }
        }
        Assumptions.assumeTrue(made, "no namespaces of the network can be made here");
        var authority = new TestAuthority(folder, "authority");
        for (String node : nodes) {
            tls.put(node, authority.sign(node, "ip:" + host(node)));
        }
    }

    private boolean plugAll() {
        boolean made = ip("link", "add", bridge, "type", "bridge");
        if (made) {
            undo.add(List.of("link", "del", bridge));
            made = ip("link", "set", bridge, "up");
        }
        for (String node : nodes) {
            made = made && plug(node);
        }
        return made;
    }

    private boolean plug(String node) {
        if (!ip("netns", "add", space(node))) {
            return false;
        }
        undo.addFirst(List.of("netns", "del", space(node)));
        return cable(node, "peers", toSwitch(node))
                && ip("link", "set", toSwitch(node), "master", bridge, "up")
                && inside(node, "addr", "add", host(node) + "/24", "dev", "peers")
                && cable(node, "users", toUs(node))
                && ip("addr", "add", ours(node) + "/30", "dev", toUs(node))
                && ip("link", "set", toUs(node), "up")
                && inside(node, "addr", "add", door(node) + "/30", "dev", "users")
                && inside(node, "link", "set", "lo", "up")
                && inside(node, "link", "set", "peers", "up")
                && inside(node, "link", "set", "users", "up");
    }

    private boolean cable(String node, String there, String here) {
        return ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", space(node));
    }

    private boolean inside(String node, String... words) {
        var command = new ArrayList<>(List.of("-n", space(node)));
        command.addAll(List.of(words));
        return ip(command.toArray(String[]::new));
    }

    private static boolean ip(String... words) {
        var command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        return SystemCommand.ran(command.toArray(String[]::new));
    }

    private int number(String node) {
        return nodes.indexOf(node) + 1;
    }

    private String space(String node) {
        return "svcshare" + net + "-" + node;
    }

    private String toSwitch(String node) {
        return "svcp" + net + "-" + number(node);
    }

    private String toUs(String node) {
        return "svcu" + net + "-" + number(node);
    }

    // Addresses from the block for tests of networks (RFC 2544).

    String host(String node) {
        return "198.18." + net + "." + number(node);
    }

    private String door(String node) {
        return "198.19." + net + "." + (4 * number(node) + 2);
    }

    private String ours(String node) {
        return "198.19." + net + "." + (4 * number(node) + 1);
    }

    /// From now on the others and it hear nothing of each other.
    void unplug(String node) throws IOException {
        set(node, "down");
    }

    void plugIn(String node) throws IOException {
        set(node, "up");
    }

    private void set(String node, String how) throws IOException {
        if (!ip("link", "set", toSwitch(node), how)) {
            throw new IOException("cannot set the link of " + node + " " + how);
        }
    }

    @Override
    public String address(String node) {
        return host(node) + ":7440";
    }

    @Override
    public URI http(String node) {
        return URI.create("http://" + door(node) + ":9889");
    }

    @Override
    public String settings(String node) {
        return LoopbackPlaces.tls(Objects.requireNonNull(tls.get(node)))
                + "\nhttp.tokens = [{ name = test, role = admin, token = \"%s\" }]"
                        .formatted(GroupNode.TOKEN);
    }

    @Override
    public List<String> within(String node) {
        return List.of("ip", "netns", "exec", space(node));
    }

    @Override
    public void close() {
        undo.forEach(words -> ip(words.toArray(String[]::new)));
        undo.clear();
    }
}
