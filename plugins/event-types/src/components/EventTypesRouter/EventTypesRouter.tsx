import { BreadcrumbEntry } from '@backstage/frontend-plugin-api';
import { Route, Routes, useParams } from 'react-router-dom';
import { EventTypesList, FieldsList } from '../EventTypesList';
import { ImportPage } from '../ImportDeclaration';
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
        path="fields"
        element={
          <BreadcrumbEntry entry={{ label: 'Fields', href: 'fields' }}>
            <FieldsList />
          </BreadcrumbEntry>
        }
      />
      <Route
        path="register"
        element={
          <BreadcrumbEntry entry={{ label: 'Register', href: 'register' }}>
            <RegisterPage />
          </BreadcrumbEntry>
        }
      />
      <Route path=":name/edit" element={<Edit />} />
      <Route
        path="import"
        element={
          <BreadcrumbEntry
            entry={{ label: 'Import a declaration', href: 'import' }}
          >
            <ImportPage />
          </BreadcrumbEntry>
        }
      />
    </Routes>
  );
}
