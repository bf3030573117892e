package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.svcshare.replica.AnswerRule;
import org.svcshare.replica.Node;

/// The copies of an HTTP service and the proxy before them; see `replica` in `reference.conf`.
///
/// @param listen the proxy; port 0 takes a free one
/// @param tls what the proxy shows; empty for plain HTTP
/// @param eventLoops threads that serve connections, 1 to 64
/// @param nodes what a first start begins with; afterwards the nodes are as they were left
/// @param nodeTls how certificates of nodes with TLS are judged
/// @param roundRobin whether reads take turns among the nodes; otherwise the first usable one gets
///   all of them
/// @param byPriority whether the order of nodes is by priority; otherwise as they were added
/// @param session whether a client that was answered a write reads from nodes that have it, by a
///   cookie; one that asks for it by the header is always served so
/// @param shared whether the order of writes is a group's, where this svcshare is a node of one;
///   otherwise it is this machine's alone
/// @param folder where writes are kept until every node has them
public record ReplicaSettings(
        Endpoint listen,
        Optional<HttpSettings.Tls> tls,
        int eventLoops,
        List<Node> nodes,
        NodeTls nodeTls,
        boolean roundRobin,
        boolean byPriority,
        boolean session,
        boolean shared,
        Writes writes,
        Health health,
        Control control,
        Limits limits,
        Path folder) {

    /// @param authority certificates that a node's must be signed by, PEM; empty: the system's
    /// @param insecure whether any certificate is taken
    public record NodeTls(Optional<Path> authority, boolean insecure) {}

    public enum Durability {
        /// On the disk before the client is answered.
        FSYNC,

        /// With the operating system: survives our end, not a power cut.
        OS,

        /// In memory alone: gone with the process.
        MEMORY
    }

    /// @param timeout after which a client gets 202; 100 ms to 10 min
    /// @param compareBodies whether answers are the same only if their bodies are
    /// @param readsOutOfStep whether nodes that are out of step are still read from
    /// @param parkRefused whether a write that a node refuses for good is put aside; otherwise it
    ///   stays at the head of its queue until an operator decides
    /// @param refusedFor how long a node may go on failing a write that the others have done (5xx)
    ///   until that counts as refused for good
    /// @param firstPause before a failed write is tried again; doubled each time
    /// @param longestPause between two tries
    /// @param inFlight how many writes a node is given before it has answered the first, over one
    ///   connection; 1 keeps the order whatever happens
    /// @param keysLive how long an idempotency key is remembered
    public record Writes(
            AnswerRule answer,
            Durability durability,
            Duration timeout,
            boolean compareBodies,
            boolean readsOutOfStep,
            boolean parkRefused,
            Duration refusedFor,
            Duration firstPause,
            Duration longestPause,
            int inFlight,
            Duration keysLive) {}

    /// @param every between two checks of a node
    /// @param timeout of one check
    /// @param path that is asked for, with a slash first
    /// @param pattern that has to be found in the first 64 KiB of the answer
    /// @param rise how many good checks make a node that was away usable
    /// @param fall how many bad ones make it away
    public record Health(
            Duration every,
            Duration timeout,
            String path,
            Optional<Pattern> pattern,
            int rise,
            int fall) {}

    /// spawn's control API.
    ///
    /// @param enabled whether there is one; the same can be done at the HTTP server's own API
    /// @param tokenLife how long a token that was given at a login is good
    /// @param ldap where people log in; empty: guests may, on loopback
    public record Control(
            boolean enabled,
            Endpoint listen,
            Optional<HttpSettings.Tls> tls,
            Duration tokenLife,
            Optional<Ldap> ldap) {}

    /// @param base where people are looked for
    /// @param account who looks for them; empty: nobody in particular
    /// @param tls TLS from the first byte; otherwise StartTLS
    /// @param authority certificates that the server's must be signed by, PEM; empty: the system's
    /// @param userFilter with one `%s` for the user's name
    /// @param groupFilter with one `%s` for the user's name; empty: groups are not looked up
    public record Ldap(
            Endpoint server,
            String base,
            boolean tls,
            Optional<Path> authority,
            String userFilter,
            String groupFilter,
            List<String> attributes,
            Optional<Account> account,
            Duration timeout) {

        /// Who asks the directory; neither is empty.
        public record Account(String dn, Secret password) {}
    }

    /// @param bodyBytes largest body of a request
    /// @param memoryBodyBytes larger ones are put on the disk while they come in
    /// @param answerBytes largest answer of a node to a write
    /// @param headerBytes largest header, and largest first line, of a request
    /// @param queueWrites how many writes a node may be behind; one that is further is out of step
    /// @param connections of clients; further ones are closed at once
    /// @param nodeConnections to one node, of one event loop
    /// @param underWay how many writes may wait for their answer; further ones get 503
    /// @param parked how many writes a node may park; one that parks more is out of step
    /// @param idleTimeout how long a connection may be without a request
    /// @param nodeTimeout how long a node may take to answer, and to connect
    public record Limits(
            long bodyBytes,
            int memoryBodyBytes,
            int answerBytes,
            int headerBytes,
            int queueWrites,
            int connections,
            int nodeConnections,
            int underWay,
            int parked,
            Duration idleTimeout,
            Duration nodeTimeout) {
        /// The same with no body in a file, and none longer than that.
        Limits withBodiesInMemory(int mostBytes) {
            int most = (int) Math.min(bodyBytes, mostBytes);
            return new Limits(
                    most,
                    most,
                    Math.min(answerBytes, mostBytes),
                    headerBytes,
                    queueWrites,
                    connections,
                    nodeConnections,
                    underWay,
                    parked,
                    idleTimeout,
                    nodeTimeout);
        }
    }

    /// The same with no body in a file, and none longer than that.
    public ReplicaSettings withBodiesInMemory(int mostBytes) {
        return new ReplicaSettings(
                listen,
                tls,
                eventLoops,
                nodes,
                nodeTls,
                roundRobin,
                byPriority,
                session,
                shared,
                writes,
                health,
                control,
                limits.withBodiesInMemory(mostBytes),
                folder);
    }
}
