package org.svcshare.config;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Reads who is believed (`peers`) and who may command (`commands`).
final class PeopleReader {
    private static final int LEAST_SECRET_BYTES = 32;
    private static final Pattern HEX = Pattern.compile("(?:[0-9a-fA-F]{2}){32,}");
    private static final Pattern ACCOUNT_OR_HOST =
            Pattern.compile("account:\\S{1,100}|host:[^\\s!@]+![^\\s!@]+@[^\\s!@]+");
    private static final Pattern RULE =
            Pattern.compile("anyone|voice|op|owner|" + ACCOUNT_OR_HOST.pattern());

    /// The words people can say to a bot.
    static final List<String> COMMANDS =
            List.of(
                    "status",
                    "version",
                    "election",
                    "enqueue",
                    "force",
                    "halt",
                    "unhalt",
                    "pause",
                    "nick",
                    "why",
                    "who",
                    "queue",
                    "next",
                    "history",
                    "pools",
                    "lock",
                    "unlock",
                    "unlock-others",
                    "members",
                    "kv",
                    "kv-put",
                    "nodes",
                    "maintenance",
                    "help",
                    "whoami");

    private static final Map<String, String> ALIASES =
            Map.of("resume", "election", "continue", "election", "enq", "enqueue");

    private PeopleReader() {}

    static PeerSettings peers(Section peers) {
        var secrets = new ArrayList<Secret>();
        groupSecret(peers, "secret").ifPresent(secrets::add);
        Optional<Secret> other = groupSecret(peers, "other-secret");
        if (other.isPresent() && secrets.isEmpty()) {
            peers.problem("other-secret", "expected peers.secret as well, which signs");
        }
        other.ifPresent(secrets::add);
        boolean signedOnly =
                peers.choice(
                        "accept",
                        Map.of("signed", true, "any", false, "auto", !secrets.isEmpty()),
                        true);
        peers.done();
        boolean given = peers.text("secret").or(() -> peers.text("secret-file")).isPresent();
        if (signedOnly && !given) {
            peers.problem("accept", "signed expects peers.secret or peers.secret-file");
        }
        return new PeerSettings(List.copyOf(secrets), signedOnly);
    }

    /// The secret in one form, lower-case hexadecimal, however the group's members wrote it down.
    static Optional<Secret> groupSecret(Section section, String key) {
        Optional<Secret> secret = section.secret(key);
        if (secret.isEmpty()) {
            return secret;
        }
        Optional<byte[]> bytes = decode(secret.get().reveal());
        if (bytes.isEmpty() || bytes.get().length < LEAST_SECRET_BYTES) {
            section.problem(
                    key,
                    "expected "
                            + LEAST_SECRET_BYTES
                            + " bytes or more as hexadecimal or base64; `svcshare secret` draws"
                            + " one");
            return Optional.empty();
        }
        return Optional.of(new Secret(HexFormat.of().formatHex(bytes.get())));
    }

    static Optional<byte[]> decode(String text) {
        if (HEX.matcher(text).matches()) {
            return Optional.of(HexFormat.of().parseHex(text));
        }
        try {
            String standard = text.replace('-', '+').replace('_', '/').replaceAll("=+$", "");
            return Optional.of(Base64.getDecoder().decode(standard));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static CommandSettings commands(Section commands, String owner) {
        List<String> owners = commands.texts("owners");
        for (String rule : owners) {
            if (!ACCOUNT_OR_HOST.matcher(rule).matches()) {
                commands.problem(
                        "owners",
                        "expected account:NAME or host:NICK!USER@HOST, found "
                                + Section.quoted(rule));
            }
        }
        var allow = new TreeMap<String, List<String>>();
        Section block = commands.section("allow");
        // Aliases last: the reference names commands by their first word, and goes behind the file.
        var keys = new ArrayList<>(block.names());
        keys.sort(Comparator.comparing(ALIASES::containsKey));
        for (String key : keys) {
            String word = ALIASES.getOrDefault(key, key);
            if (!COMMANDS.contains(word)) {
                block.problem(key, "no such command" + Suggestion.among(COMMANDS, key));
            }
            allow.put(word, rules(block, key));
        }
        commands.done();
        return new CommandSettings(owner, owners, Map.copyOf(allow));
    }

    private static List<String> rules(Section block, String key) {
        List<String> rules = block.texts(key);
        for (String rule : rules) {
            if (!RULE.matcher(rule).matches()) {
                block.problem(
                        key,
                        "expected anyone, voice, op, owner, account:NAME or"
                                + " host:NICK!USER@HOST, found "
                                + Section.quoted(rule));
            }
        }
        return rules;
    }
}
