/// The TCP gate in front of the service: open, drain, close, count, limit.
@NullMarked
package org.svcshare.gate;

import org.jspecify.annotations.NullMarked;
