package org.svcshare.config;

import java.util.List;

/// Whether each part has a port of its own.
final class OwnPorts {
    private final Settings settings;
    private final Report report;

    OwnPorts(Settings settings, Report report) {
        this.settings = settings;
        this.report = report;
    }

    void check() {
        int gate = settings.gate().listen().port();
        if (settings.ircd().enabled() && gate == settings.ircd().listen().port() && gate != 0) {
            report.problem("gate.listen", "expected another port than ircd.listen has");
        }
        if (settings.http().enabled() && settings.http().listenSet()) {
            besideTheBot("http.listen", settings.http().listen());
        }
        settings.group().ifPresent(this::group);
        settings.gossip().ifPresent(this::gossip);
        settings.replica().ifPresent(this::replica);
    }

    private void besideTheBot(String path, Endpoint own) {
        boolean taken =
                own.port() == settings.gate().listen().port()
                        || (settings.ircd().enabled()
                                && own.port() == settings.ircd().listen().port());
        if (taken && own.port() != 0) {
            report.problem(path, "expected another port than gate.listen and ircd.listen have");
        }
    }

    private boolean isOfHttp(int port) {
        return port != 0 && settings.http().enabled() && settings.http().listen().port() == port;
    }

    private void gossip(GossipSettings gossip) {
        if (settings.bot()) {
            besideTheBot("gossip.listen", gossip.listen());
        }
        if (isOfHttp(gossip.listen().port())) {
            report.problem("gossip.listen", "expected another port than http.listen has");
        }
    }

    private void group(GroupSettings group) {
        if (group.peers().stream().noneMatch(peer -> peer.name().equals(group.node()))) {
            return;
        }
        for (Endpoint own : List.of(group.self().at(), group.self().handover())) {
            if (settings.bot()) {
                besideTheBot("cluster.peers", own);
            }
            if (isOfHttp(own.port())) {
                report.problem(
                        "http.listen",
                        "expected another port than this node's in cluster.peers, and the one"
                                + " after it");
            }
        }
    }

    private void replica(ReplicaSettings replica) {
        besideOthers("replica.listen", replica.listen());
        if (!replica.control().enabled()) {
            return;
        }
        Endpoint control = replica.control().listen();
        besideOthers("replica.control.listen", control);
        if (control.port() != 0 && control.port() == replica.listen().port()) {
            report.problem(
                    "replica.control.listen", "expected another port than replica.listen has");
        }
    }

    private void besideOthers(String path, Endpoint own) {
        int port = own.port();
        if (settings.bot()) {
            besideTheBot(path, own);
        }
        if (isOfHttp(port)) {
            report.problem(path, "expected another port than http.listen has");
        }
        boolean ofGossip =
                settings.gossip().filter(gossip -> gossip.listen().port() == port).isPresent();
        if (ofGossip && port != 0) {
            report.problem(path, "expected another port than gossip.listen has");
        }
        boolean ofGroup =
                settings.group().stream()
                        .flatMap(group ->
                                group.peers().stream()
                                        .filter(peer -> peer.name().equals(group.node())))
                        .anyMatch(
                                self -> self.at().port() == port || self.handover().port() == port);
        if (ofGroup) {
            report.problem(
                    path,
                    "expected another port than this node's in cluster.peers, and the one after"
                            + " it");
        }
    }
}
