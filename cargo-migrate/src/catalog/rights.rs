//! Comments and privileges, of whatever they are on.

use super::Reading;
use super::batch::{Batch, Query};
use super::identities::class;
use super::row::Row;
use migrate_schema::kind::comment::Comment;
use migrate_schema::kind::default_privileges::DefaultPrivileges;
use migrate_schema::kind::privileges::{Grantee, Privileges};
use migrate_schema::{Aspect, Edge, Id, Kind, Name, Object};

impl Reading {
    pub(super) fn comments(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Comments) {
            let (class, oid, number, text) = (row.oid(), row.oid(), row.number(), row.text());
            let Some(mut id) = self.identities.side(class, oid, number, Aspect::Comment) else { continue };
            // An extension is born with the comment of its control file.
            if self.usual_comments.iter().any(|(extension, usual)| {
                id.kind == Kind::Extension && *extension == id.aspect(Aspect::Itself) && *usual == Some(text.clone())
            }) {
                continue;
            }
            if class == class::RELATION && id.kind == Kind::Constraint {
                // The index that a constraint owns is not the constraint.
                let owner = id.aspect(Aspect::Itself);
                id = Id::new(Kind::Index, Name::new(id.name.schema.clone(), id.part.clone())).aspect(Aspect::Comment);
                self.catalog.edges.push(Edge { from: id.clone(), to: owner, is_auto: true });
            }
            self.catalog.objects.insert(id, Object::Comment(Comment(text)));
        }
    }

    pub(super) fn privileges(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Privileges) {
            let (class, oid, number) = (row.oid(), row.oid(), row.number());
            if let Some((extension, member)) = self.identities.member(class, oid)
                && number == 0
            {
                let id = member.aspect(Aspect::Privileges);
                self.catalog.edges.push(Edge { from: id.clone(), to: extension.clone(), is_auto: true });
                self.grant(id, &mut row);
                continue;
            }
            let Some(id) = self.identities.side(class, oid, number, Aspect::Privileges) else { continue };
            if !self.catalog.contains(&id.aspect(Aspect::Itself)) && id.kind != Kind::Column {
                continue;
            }
            self.grant(id, &mut row);
        }
        for mut row in batch.rows(Query::DefaultPrivileges) {
            let (role, schema, letter) = (row.str(), row.str(), row.str());
            let id = Id::part(Kind::DefaultPrivileges, Name::new(schema, role), letter);
            let object =
                self.catalog.objects.entry(id).or_insert_with(|| {
                    Object::DefaultPrivileges(DefaultPrivileges { privileges: Privileges::default() })
                });
            if let Object::DefaultPrivileges(default) = object {
                add(&mut default.privileges, &mut row);
            }
        }
        self.leave_out_usual_privileges();
    }

    fn grant(&mut self, id: Id, row: &mut Row<'_>) {
        let object = self.catalog.objects.entry(id).or_insert_with(|| Object::Privileges(Privileges::default()));
        if let Object::Privileges(privileges) = object {
            add(privileges, row);
        }
    }

    /// Privileges that were granted and are those that an object is born with are none.
    fn leave_out_usual_privileges(&mut self) {
        let catalog = &self.catalog;
        let usual: Vec<Id> = catalog
            .objects
            .iter()
            .filter(|(id, object)| matches!(object, Object::Privileges(given) if given.are_usual(id, catalog)))
            .map(|(id, _)| id.clone())
            .collect();
        for id in usual {
            self.catalog.objects.remove(&id);
        }
    }
}

/// Adds what one row grants; a row of nothing says that nobody may do anything.
fn add(privileges: &mut Privileges, row: &mut Row<'_>) {
    let (role, is_owner, privilege, is_grantable) = (row.optional(), row.flag(), row.optional(), row.flag());
    let Some(privilege) = privilege else { return };
    let grantee = match role {
        _ if is_owner => Grantee::Owner,
        None => Grantee::Public,
        Some(role) => Grantee::Role(role.to_owned()),
    };
    // Several may have granted it.
    *privileges.grants.entry(grantee).or_default().entry(privilege.to_owned()).or_default() |= is_grantable;
}
