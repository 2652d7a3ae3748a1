import { BreadcrumbEntry } from '@backstage/frontend-plugin-api';
import { Route, Routes, useParams } from 'react-router-dom';
import { EventTypesList } from '../EventTypesList';
import { EditPage, RegisterPage } from '../RegisterForm';

function Edit() {
  const { name = '' } = useParams();
  return (
    <BreadcrumbEntry
      entry={{ label: name, href: `${encodeURIComponent(name)}/edit` }}
    >
      <EditPage />
    </BreadcrumbEntry>
  );
}

/** The pages under `/event-types`. */
export function EventTypesRouter() {
  return (
    <Routes>
      <Route index element={<EventTypesList />} />
      <Route
        path="register"
        element={
          <BreadcrumbEntry entry={{ label: 'Register', href: 'register' }}>
            <RegisterPage />
          </BreadcrumbEntry>
        }
      />
      <Route path=":name/edit" element={<Edit />} />
    </Routes>
  );
}
