//! What the service is for: notes, to write and to read.

use crate::gate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tracing::error;

#[derive(Deserialize)]
struct NewNote {
    text: String,
    author: String,
}

#[derive(Serialize)]
struct Note {
    id: i64,
    text: String,
    author: String,
}

/// A note as it is read.
type Row = (i64, String, String);

enum Failure {
    Empty,
    Missing,
    Database(sqlx::Error),
}

/// The routes.
pub(crate) fn routes(pool: PgPool) -> Router {
    Router::new().route("/notes", get(list).post(create)).route("/notes/{id}", get(show)).with_state(pool)
}

async fn create(State(pool): State<PgPool>, Json(note): Json<NewNote>) -> Result<(StatusCode, Json<Note>), Failure> {
    let NewNote { text, author } = note;
    if text.is_empty() {
        return Err(Failure::Empty);
    }
    let insert = sqlx::query_scalar("INSERT INTO notes (text, author) VALUES ($1, $2) RETURNING id");
    let id = insert.bind(&text).bind(&author).fetch_one(&pool).await?;
    Ok((StatusCode::CREATED, Json(Note { id, text, author })))
}

async fn list(State(pool): State<PgPool>) -> Result<Json<Vec<Note>>, Failure> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT id, text, author FROM notes ORDER BY id DESC LIMIT 100").fetch_all(&pool).await?;
    Ok(Json(rows.into_iter().map(Note::from).collect()))
}

async fn show(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<Json<Note>, Failure> {
    let row: Option<Row> =
        sqlx::query_as("SELECT id, text, author FROM notes WHERE id = $1").bind(id).fetch_optional(&pool).await?;
    row.map(|row| Json(Note::from(row))).ok_or(Failure::Missing)
}

impl From<Row> for Note {
    fn from((id, text, author): Row) -> Self {
        Self { id, text, author }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Empty => (StatusCode::UNPROCESSABLE_ENTITY, "a note has a text\n").into_response(),
            Self::Missing => (StatusCode::NOT_FOUND, "no such note\n").into_response(),
            Self::Database(problem) => {
                error!("{problem}");
                match problem {
                    sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => gate::later(),
                    _ => (StatusCode::INTERNAL_SERVER_ERROR, "the note could not be read or written\n").into_response(),
                }
            }
        }
    }
}
