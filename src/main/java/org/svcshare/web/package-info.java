/// The HTTP server: the API of the pools, the old paths of distributex, status page, metrics,
/// health. Knows the pools and the turn by their own types; whatever else it shows comes through
/// [org.svcshare.web.StatusSource].
@NullMarked
package org.svcshare.web;

import org.jspecify.annotations.NullMarked;
