package org.svcshare.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.config.ReplicaSettings.Ldap;
import org.svcshare.config.Settings;
import org.svcshare.proxy.NodeProbe;
import org.svcshare.replica.Node;
import org.svcshare.spawn.DirectoryProbe;

/// Could the proxy before the copies of a service run, and are the copies and the directory of
/// those who look after them there?
final class ReplicaCheck {
    private static final String SUBJECT = "replicas";
    private static final String DIRECTORY = "directory";

    private final Settings settings;

    ReplicaCheck(Settings settings) {
        this.settings = settings;
    }

    List<Finding> look() throws InterruptedException {
        return settings.replica().isEmpty() ? List.of() : look(settings.replica().get());
    }

    private List<Finding> look(ReplicaSettings replica) throws InterruptedException {
        var findings = new ArrayList<Finding>();
        if (ReplicaService.shares(settings)) {
            String group = settings.group().orElseThrow().name();
            findings.add(
                    Finding.well(
                            SUBJECT,
                            "the order of writes goes through the group "
                                    + group
                                    + "; each of its nodes needs replicas"));
        }
        findings.add(free(replica.listen()));
        replica.tls()
                .map(tls -> CertificateCheck.look(tls, "replica.tls.password", Instant.now()))
                .ifPresent(findings::add);
        ReplicaSettings.Control control = replica.control();
        if (control.enabled()) {
            findings.add(free(control.listen()));
            control.tls()
                    .map(tls ->
                            CertificateCheck.look(
                                    tls, "replica.control.tls.password", Instant.now()))
                    .ifPresent(findings::add);
            control.ldap().map(ReplicaCheck::directory).ifPresent(findings::add);
        }
        findings.addAll(nodes(replica, log(replica)));
        return findings;
    }

    private static Finding free(Endpoint listen) {
        return listen.port() == 0
                ? Finding.well(SUBJECT, listen.host() + ", on a port that is free then")
                : Doctor.free(SUBJECT, listen);
    }

    private static Finding directory(Ldap ldap) {
        String as = ldap.account().map(account -> " as " + account.dn()).orElse("");
        try {
            return DirectoryProbe.ask(ldap)
                    .map(trouble -> Finding.broken(DIRECTORY, trouble))
                    .orElseGet(() ->
                            Finding.well(
                                    DIRECTORY,
                                    "%s can be searched%s".formatted(ldap.server(), as)));
        } catch (IOException e) {
            return Finding.broken(DIRECTORY, String.valueOf(e.getMessage()));
        }
    }

    private Path log(ReplicaSettings replica) {
        return ReplicaService.shares(settings)
                ? settings.group().orElseThrow().folder().resolve("shared")
                : replica.folder().resolve("writes");
    }

    private static List<Finding> nodes(ReplicaSettings replica, Path log)
            throws InterruptedException {
        var findings = new ArrayList<Finding>();
        if (Files.isDirectory(log)) {
            findings.add(
                    Finding.well(
                            SUBJECT,
                            "ran before: the nodes are as they were left, not as in the settings"));
        } else if (replica.nodes().isEmpty()) {
            findings.add(Finding.doubtful(SUBJECT, "no nodes; `svcshare nodes add` adds them"));
        }
        try {
            var asked = NodeProbe.ask(replica, replica.nodes());
            for (Node node : replica.nodes()) {
                Optional<String> trouble = asked.getOrDefault(node.address(), Optional.empty());
                String who = "node " + node.address();
                if (!node.active()) {
                    findings.add(Finding.well(SUBJECT, who + " is inactive, and was not asked"));
                } else if (trouble.isEmpty()) {
                    findings.add(Finding.well(SUBJECT, who + " answers"));
                } else {
                    findings.add(Finding.doubtful(SUBJECT, who + ": " + trouble.get()));
                }
            }
        } catch (IOException e) {
            findings.add(Finding.broken(SUBJECT, String.valueOf(e.getMessage())));
        }
        return findings;
    }
}
