create table country (
  code text primary key,
  name text not null
);

create table city (
  id integer primary key,
  name text not null,
  ascii_name text not null,
  country text not null,
  population integer not null,
  latitude double precision not null,
  longitude double precision not null,
  region text not null,
  search_name text not null generated always as (lower(name || ' ' || ascii_name)) stored
);

create index city_country on city (country);

create index city_region on city (region);

create index city_population on city (population desc, id);

grant select, insert, update on country, city to portal;

