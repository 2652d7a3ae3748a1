import {
  Sidebar,
  SidebarDivider,
  SidebarGroup,
  SidebarItem,
  SidebarScrollWrapper,
  SidebarSpace,
} from '@backstage/core-components';
import type {
  NavContentComponentProps,
  NavContentNavItem,
} from '@backstage/plugin-app-react';
import { NotificationsSidebarItem } from '@backstage/plugin-notifications';
import { UserSettingsSignInAvatar } from '@backstage/plugin-user-settings';
import { RiMenuLine } from '@remixicon/react';
import { useMemo } from 'react';
import { SidebarLogo } from './SidebarLogo';
import { SkipLink } from './SkipLink';

function NavItem(props: NavContentNavItem) {
  const { href, title, icon } = props;
  // A component of its own per item: the sidebar wants a component, the page
  // gives an element, and a new component on each render would remount it.
  const Icon = useMemo(() => () => icon, [icon]);
  return <SidebarItem icon={Icon} to={href} text={title} />;
}

/**
 * The pages of Millrace first, in the order people need them; pages of plugins
 * added later follow by title.
 */
export function Navigation({ navItems }: NavContentComponentProps) {
  const nav = navItems.withComponent(NavItem);
  // Reached from the entity it is about.
  nav.take('page:catalog-graph');
  // Has an item of its own, which shows how many are unread.
  nav.take('page:notifications');

  return (
    <>
      <SkipLink />
      <Sidebar>
        <SidebarLogo />
        <SidebarDivider />
        <SidebarGroup label="Menu" icon={<RiMenuLine />}>
          {nav.take('page:search')}
          {nav.take('page:delivery')}
          {nav.take('page:event-types')}
          {nav.take('page:catalog')}
          <SidebarScrollWrapper>
            {nav.rest({ sortBy: 'title' })}
          </SidebarScrollWrapper>
        </SidebarGroup>
        <SidebarSpace />
        <SidebarDivider />
        <NotificationsSidebarItem />
        <SidebarGroup
          label="Settings"
          icon={<UserSettingsSignInAvatar />}
          to="/settings"
        >
          {nav.take('page:user-settings')}
        </SidebarGroup>
      </Sidebar>
    </>
  );
}
