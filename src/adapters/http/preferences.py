from adapters.http.merge_patch import MergePatch, Replacement
from adapters.http.routes import IfMatch, Routes
from faraday_core.kernel.actor import Actor
from faraday_core.preferences.model import DefaultsFields, Preferences
from faraday_core.preferences.preference_default_service import PreferenceDefaultService
from faraday_core.preferences.user_preference_service import UserPreferenceService
from faraday_core.preferences.views import DefaultsView, PreferencesView, Preview

routes = Routes("preferences")


@routes.on("GET /users/preferences")
async def get_preferences(actor: Actor, preferences: UserPreferenceService) -> PreferencesView:
    """What is in force for oneself, and where each value comes from."""
    return await preferences.get(actor)


@routes.on("PUT /users/preferences")
async def replace_preferences(
    actor: Actor,
    preferences: UserPreferenceService,
    body: Replacement[Preferences],
    if_match: IfMatch = None,
) -> PreferencesView:
    """Set one's preferences anew.

    What is missing goes back to its default: the organisation's, or else the product's. Another
    value where an organisation holds one is refused: 403 `locked_by_organization`.
    """
    return await preferences.replace(actor, body.document, seen=if_match)


@routes.on("PATCH /users/preferences")
async def change_preferences(
    actor: Actor,
    preferences: UserPreferenceService,
    body: MergePatch[Preferences],
    if_match: IfMatch = None,
) -> PreferencesView:
    """Change some of one's preferences; null goes back to the default."""
    return await preferences.merge(actor, body.changes, seen=if_match)


@routes.on("GET /users/preferences/preview")
async def preview_preferences(actor: Actor, preferences: UserPreferenceService) -> Preview:
    """This moment, a number and an amount in one's own formats."""
    return await preferences.preview(actor)


@routes.on("GET /organizations/{organization_id}/preference-defaults")
async def get_preference_defaults(
    actor: Actor, preference_defaults: PreferenceDefaultService, organization_id: str
) -> DefaultsView:
    """What an organisation itself sets for its people, and what it holds as it is."""
    return await preference_defaults.get(actor, organization_id)


@routes.on("PUT /organizations/{organization_id}/preference-defaults")
async def replace_preference_defaults(
    actor: Actor,
    preference_defaults: PreferenceDefaultService,
    organization_id: str,
    body: Replacement[DefaultsFields],
    if_match: IfMatch = None,
) -> DefaultsView:
    """Set an organisation's defaults anew.

    They hold for whoever belongs to it or to what is below it; of several the nearest. `locked`
    points at values, or at groups of them, that nobody below sets otherwise.
    """
    return await preference_defaults.replace(actor, organization_id, body.document, seen=if_match)
