package org.svcshare.config;

import java.util.List;
import java.util.Map;

/// Who may command; see `commands` in `reference.conf`.
///
/// A rule is `anyone`, `voice`, `op`, `owner`, `account:NAME` or `host:MASK` (a mask
/// `nick!user@host` with `*` and `?`).
///
/// @param owners the owner's rules (`account:` or `host:`); empty means whoever has `ownerNick`
/// @param allow rules by command word; a command that is not in it may be given by anyone
public record CommandSettings(
        String ownerNick, List<String> owners, Map<String, List<String>> allow) {}
