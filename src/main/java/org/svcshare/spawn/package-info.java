/// spawn's control API, for those who have scripts for it: the nodes of a replicated service on a
/// port of their own, with logins and tokens. Our own API, in the room `web`, has more.
@NullMarked
package org.svcshare.spawn;

import org.jspecify.annotations.NullMarked;
