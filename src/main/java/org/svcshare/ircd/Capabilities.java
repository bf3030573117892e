package org.svcshare.ircd;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/// CAP: what client and server agree to do beyond RFC 2812.
///
/// Source: IRCv3 capability negotiation, version 302.
final class Capabilities {
    private final Site site;
    private final Outbox out;
    private final Consumer<Client> proceed;

    /// @param proceed registers the client if only the negotiation was in the way
    Capabilities(Site site, Outbox out, Consumer<Client> proceed) {
        this.site = site;
        this.out = out;
        this.proceed = proceed;
    }

    List<Command> commands() {
        return List.of(Command.early("CAP", 1, this::cap));
    }

    private void cap(Client client, IrcLine line) {
        switch (line.param(0).toUpperCase(Locale.ROOT)) {
            case "LS" -> list(client, line);
            case "LIST" -> answer(client, "LIST", tokens(client.caps));
            case "REQ" -> request(client, line);
            case "END" -> {
                client.negotiating = false;
                proceed.accept(client);
            }
            default ->
                    out.reply(
                            client,
                            Numeric.ERR_INVALIDCAPCMD,
                            Wire.cut(line.param(0), Limits.CHANNEL_NAME));
        }
    }

    private void list(Client client, IrcLine line) {
        client.negotiating = !client.registered;
        if (isVersion302(line.param(1))) {
            client.capValues = true;
            client.caps.add(Capability.CAP_NOTIFY);
        }
        var offers = new ArrayList<String>();
        for (Capability capability : Capability.values()) {
            if (capability != Capability.SASL) {
                offers.add(capability.token());
            } else if (!site.accounts().isEmpty()) {
                offers.add(client.capValues ? "sasl=" + Sasl.MECHANISM : "sasl");
            }
        }
        answer(client, "LS", offers);
    }

    /// All or nothing.
    private void request(Client client, IrcLine line) {
        client.negotiating = !client.registered;
        Set<Capability> wanted = new LinkedHashSet<>(client.caps);
        boolean possible = true;
        for (String word : line.param(1).strip().split(" +", -1)) {
            boolean off = word.startsWith("-");
            var capability = Capability.of(off ? word.substring(1) : word);
            if (word.isEmpty()) {
                continue;
            }
            if (capability.isEmpty()) {
                possible = false;
            } else if (off) {
                // Version 302 implies cap-notify for good.
                possible &= capability.get() != Capability.CAP_NOTIFY || !client.capValues;
                wanted.remove(capability.get());
            } else {
                possible &= capability.get() != Capability.SASL || !site.accounts().isEmpty();
                wanted.add(capability.get());
            }
        }
        if (possible) {
            // First the answer, then the effect: the answer itself must not yet carry new tags.
            out.command(client, "CAP", List.of(client.target(), "ACK"), line.param(1));
            client.caps.clear();
            client.caps.addAll(wanted);
        } else {
            out.command(client, "CAP", List.of(client.target(), "NAK"), line.param(1));
        }
    }

    private void answer(Client client, String subcommand, List<String> words) {
        out.command(client, "CAP", List.of(client.target(), subcommand), String.join(" ", words));
    }

    private static List<String> tokens(Set<Capability> capabilities) {
        return capabilities.stream().map(Capability::token).toList();
    }

    private static boolean isVersion302(String version) {
        return version.length() >= 3
                && version.length() <= 9
                && version.chars().allMatch(c -> c >= '0' && c <= '9')
                && Integer.parseInt(version) >= 302;
    }
}
