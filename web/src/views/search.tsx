import "../search/search.css";
import { Heading } from "../parts/heading";
import { Picker } from "../parts/picker";
import { address, go, useRoute } from "../route";
import { Documents } from "../search/documents";
import { Pictures } from "../search/pictures";
import { chosen, searchable } from "../shelf";
import { t } from "../words";

/** Documents of a collection, or pictures that are like one. */
export function Search() {
  const { params } = useRoute();
  const items = searchable.value;
  const item = chosen(items, params["in"]);
  if (!item) return null;
  return (
    <div class="view search">
      <div class="heading">
        <Heading>{t("nav.search")}</Heading>
        <Picker
          label={t("search.what")}
          items={items}
          value={item.name}
          onChange={(name) => go(address("search", { in: name }))}
        />
      </div>
      {item.kind === "collection" ? (
        <Documents key={item.name} item={item} params={params} />
      ) : (
        <Pictures key={item.name} item={item} params={params} />
      )}
    </div>
  );
}
