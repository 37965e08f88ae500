package dev.kedge.openstack.freeze;

import java.time.Duration;

/** A guest that can be made to stand still. For one thread. */
interface Guest {
  /**
   * Makes it stand still. Where this throws, it may stand still all the same, now or in a moment.
   *
   * @throws dev.kedge.base.KedgeException where it does not within that time
   */
  void freeze(Duration timeout);

  /**
   * Lets it go on; does nothing to one that goes on already. To be repeated until it returns.
   *
   * @throws dev.kedge.base.KedgeException where nobody knows whether it goes on
   */
  void thaw(Duration timeout);
}
