package org.svcshare.pool;

/// What can be changed about a group.
public sealed interface GroupChange {
    /// How near a node is to leading: 1 rather than 14. This one never leads while another can.
    int OFF = 15;

    /// How near a node is to leading if nobody says.
    int USUAL = 14;

    /// A node that the group waits for: started, and without anything in its folder.
    ///
    /// @param name 1 to 60 letters, digits and dashes
    /// @param port where the log comes in; the one above is for handing over
    record NewNode(String name, String host, int port) {
        public NewNode {
            if (!name.matches("[A-Za-z0-9-]{1,60}")) {
                throw new IllegalArgumentException(
                        "a node's name is 1 to 60 letters, digits and dashes");
            }
            if (!host.matches("[A-Za-z0-9._:%-]{1,255}")) {
                throw new IllegalArgumentException("node " + name + " needs a host");
            }
            if (port < 1 || port > 65_534) {
                throw new IllegalArgumentException(
                        "node " + name + " needs a port from 1 to 65534");
            }
        }

        /// Reads `NAME=HOST:PORT`; a host may stand in brackets.
        ///
        /// @throws IllegalArgumentException with what was expected, for people
        public static NewNode parse(String text) {
            int equals = text.indexOf('=');
            int colon = text.lastIndexOf(':');
            if (equals < 1 || colon < equals || !text.substring(colon + 1).matches("\\d{1,5}")) {
                throw new IllegalArgumentException(
                        "expected NAME=HOST:PORT, for instance n4=10.0.0.4:7440");
            }
            String host = text.substring(equals + 1, colon);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            return new NewNode(
                    text.substring(0, equals),
                    bracketed ? host.substring(1, host.length() - 1) : host,
                    Integer.parseInt(text.substring(colon + 1)));
        }

        /// `host:port`.
        public String address() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// It first gets what the others have, and counts from then on.
    record Add(NewNode node) implements GroupChange {}

    record Remove(String node) implements GroupChange {}

    /// The new one comes and the old one goes in one step.
    record Replace(String old, NewNode node) implements GroupChange {}

    /// Lets this node lead.
    record Transfer(String node) implements GroupChange {}

    /// @param priority 1 to 14, or [#OFF]
    record Prefer(String node, int priority) implements GroupChange {
        public Prefer {
            if (priority < 1 || priority > OFF) {
                throw new IllegalArgumentException("expected a priority from 1 to 14, or off");
            }
        }
    }
}
